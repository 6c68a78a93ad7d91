"""Addresses of pages: what is kept of them, and to which sites they belong; pure."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

TOKEN = "flow"  # the parameter by which a link of ours tells who follows it  # noqa: S105
LONGEST = 1000
# What does not belong into a history: keys to something, and what people type.
SECRETS = re.compile(
    r"flow|.*(?:token|password|passwd|secret|signature|session|api_?key).*|e-?mail|phone"
    r"|gclid|fbclid|msclkid|utm_.*",
    re.IGNORECASE,
)
SEPARATORS = re.compile(r"[\x00-\x1f\x7f;]+")


@dataclass(frozen=True)
class Source:
    """Where a page view came from."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    referrer: str = ""

    def in_words(self) -> str:
        """Return ``source=newsletter; medium=email; campaign=autumn; referrer=https://…;``, what is
        known of it: the text that rules are matched with."""
        known = [(name, getattr(self, name)) for name in self.__dataclass_fields__]
        return " ".join(f"{name}={value};" for name, value in known if value)


def split(url: str) -> SplitResult | None:
    """Return the parts of a web address; None where it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (one that is no number is found when it is asked for)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def host(url: str) -> str:
    """Return the host of a web address, with its port where it names one; or nothing."""
    parts = split(url)
    if not parts:
        return ""
    name = parts.hostname.lower()
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{parts.port}" if parts.port else name


def site(url: str) -> str:
    """Return ``https://example.com``, the site of a page."""
    return f"{urlsplit(url).scheme}://{host(url)}"


def clean(url: str) -> str:
    """Return the address of a page as it is kept: no fragment, no name, no keys to something."""
    parts = urlsplit(url)
    query = [
        pair
        for pair in parse_qsl(parts.query, keep_blank_values=True)
        if not SECRETS.fullmatch(pair[0])
    ]
    asked = f"?{urlencode(query)}" if query else ""
    return f"{site(url)}{parts.path or '/'}{asked}"[:LONGEST]


def source(url: str, referrer: str) -> Source:
    """Return where the view of a page came from: by UTM parameters, and by the page before."""
    known = dict(parse_qsl(urlsplit(url).query))
    before = split(referrer)
    utm = (known.get(f"utm_{name}", "") for name in ("source", "medium", "campaign"))
    return Source(
        *(SEPARATORS.sub(" ", text)[:100].strip() for text in utm),
        f"{site(referrer)}{before.path or '/'}"[:LONGEST] if before else "",
    )


def with_token(url: str, token: str) -> str:
    """Return a web address that tells who follows it; another one's token is replaced."""
    before, mark, fragment = url.partition("#")
    path, _, query = before.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != TOKEN]
    return f"{path}?{'&'.join([*kept, f'{TOKEN}={token}'])}{mark}{fragment}"


def listed(name: str, sites: str) -> bool:
    """Return whether a host is on a list.

    :param name: see `host`
    :param sites: names, separated by spaces, commas or new lines; ``*.example.com`` is everything
        below it, a name without a port is of any, an address counts as its host
    """
    if not name:
        return False
    bare = re.sub(r":\d+$", "", name)
    for entry in re.split(r"[\s,;]+", sites.lower()):
        wanted = host(entry) if "://" in entry else entry.strip("/")
        if not wanted:
            continue
        if wanted in (name, bare):
            return True
        if wanted.startswith("*.") and (bare.endswith(wanted[1:]) or name.endswith(wanted[1:])):
            return True
    return False
