"""Where a webhook may go: addresses of the public internet, and what an administrator allows.

Pure rules, so that a URL cannot be used to reach what only this server can (server-side request
forgery). A URL is taken apart once, here; the client connects to what was taken apart and checked,
never to a name that would be looked up again.

Ports: 80, 443 and those from 1024 on. The others belong to services that a request over HTTP could
be mistaken by, such as mail; an administrator may allow one by name.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from .webhook_error import WebhookError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

STANDARD_PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024
LONGEST_URL = 2000

NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
KEPT_AS_IT_IS = "/:?#[]@!$&'()*+,;=%~"

# IANA's registries of special-purpose addresses, what is not "globally reachable", and multicast.
# A list of our own, because Python's changes with its version.
NOT_PUBLIC_4 = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
PUBLIC_6 = ipaddress.ip_network("2000::/3")
NOT_PUBLIC_6 = tuple(
    map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
# Addresses of IPv4 inside those of IPv6: mapped, and as seen through a translator (RFC 6052).
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """A URL, taken apart.

    :param host: a name in lower case and ASCII, or an address without brackets
    :param path: with the query, as it goes into the request
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The host as the header of that name has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == STANDARD_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclass(frozen=True)
class Allowed:
    """What an administrator allows: a host by name, or a network, at one port or any usual one."""

    host: str | None = None
    network: Network | None = None
    port: int | None = None

    def covers(self, target: Target, address: Address) -> bool:
        if self.port not in (None, target.port):
            return False
        return target.host == self.host if self.network is None else address in self.network


def parse(url: str) -> Target:
    """Take a URL apart.

    :raises WebhookError: when it is no complete URL, or of a form that is used to deceive
    """
    if len(url) > LONGEST_URL or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise WebhookError("url", url[:100])
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise WebhookError("url", url) from None
    if parts.scheme not in STANDARD_PORTS:
        raise WebhookError("scheme", parts.scheme)
    if "@" in parts.netloc:
        raise WebhookError("credentials")
    if not host or port == 0 or ("[" in parts.netloc) != (":" in host):
        raise WebhookError("url", url)
    path = quote(parts.path or "/", safe=KEPT_AS_IT_IS)
    if parts.query:
        path += "?" + quote(parts.query, safe=KEPT_AS_IT_IS)
    return Target(parts.scheme, _host(host), port or STANDARD_PORTS[parts.scheme], path)


def follow(target: Target, location: str) -> Target:
    """Return where a redirection leads.

    :raises WebhookError: as `parse`, and when it would leave encryption behind
    """
    try:
        url = urljoin(target.url, location)
    except ValueError:
        raise WebhookError("url", location[:100]) from None
    new = parse(url)
    if (target.scheme, new.scheme) == ("https", "http"):
        raise WebhookError("downgrade", new.host)
    return new


def literal(host: str) -> Address | None:
    """Return the address that a host is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check(target: Target, addresses: Iterable[str], allowed: Iterable[Allowed]) -> list[str]:
    """Return the addresses of a target, to be connected to and not looked up again.

    One that may not be called is enough to refuse them all: who answers with a mixture means harm.

    :param addresses: those that the host has
    :raises WebhookError: when they are out of bounds
    """
    for text in addresses:
        address = unwrapped(ipaddress.ip_address(text.partition("%")[0]))
        exceptions = [entry for entry in allowed if entry.covers(target, address)]
        if not exceptions and not is_public(address):
            raise WebhookError("address", text)
        if not is_usual(target.port) and not any(entry.port for entry in exceptions):
            raise WebhookError("port", target.port)
    return list(addresses)


def is_usual(port: int) -> bool:
    return port in STANDARD_PORTS.values() or port >= FIRST_FREE_PORT


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet and to one receiver."""
    address = unwrapped(address)
    if address.version == 4:
        return not any(address in network for network in NOT_PUBLIC_4)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)


def unwrapped(address: Address) -> Address:
    """Return the address of IPv4 inside one of IPv6, any other as it is."""
    if address.version == 6:
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def parse_allowed(text: str) -> tuple[Allowed, ...]:
    """Return what a setting allows: hosts, addresses and networks, parted by spaces or commas.

    :raises WebhookError: with the first entry that cannot be read
    """
    return tuple(_allowed(entry) for entry in re.split(r"[\s,;]+", text.strip()) if entry)


def _allowed(entry: str) -> Allowed:
    try:
        if "/" in entry:
            return Allowed(network=ipaddress.ip_network(entry, strict=False))
        if address := literal(entry):
            return Allowed(network=ipaddress.ip_network(address))
        parts = urlsplit(f"//{entry}")
        if parts.netloc != entry or "@" in entry or not parts.hostname or parts.port == 0:
            raise WebhookError("entry", entry)
        host = _host(parts.hostname)
    except (ValueError, WebhookError):
        raise WebhookError("entry", entry) from None
    if address := literal(host):
        return Allowed(network=ipaddress.ip_network(address), port=parts.port)
    return Allowed(host=host, port=parts.port)


def _host(host: str) -> str:
    """Return a host in its one form.

    Numbers that stand for an address, but not in the usual form (``2130706433``, ``0177.0.0.1``,
    ``127.1``, ``0x7f.1``), are refused: they mean different things to different programs.
    """
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host)) if "%" not in host else _refuse(host)
        except ValueError:
            _refuse(host)
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        _refuse(host)
    address = literal(name)
    if address:
        return str(address)
    if not NAME.fullmatch(name) or len(name) > 253 or NUMBER.fullmatch(name.split(".")[-1]):
        _refuse(host)
    return name


def _refuse(host):
    raise WebhookError("host", host)
