"""Which requests come from machines: scanners that follow links, programs that fetch ahead.

Pure rules about what a request says of itself. A proxy that loads pictures when a person opens the
message (as Gmail's does) is not among them; one that loads them on arrival says so, or shows no
more of itself than a bare ``Mozilla/5.0`` (as Apple's does).
"""

import re
from collections.abc import Mapping

SCANNERS = re.compile(
    r"bot\b|crawl|spider|scan|preview|prefetch|monitor|barracuda|mimecast|proofpoint|symantec"
    r"|messagelabs|safelinks|urldefense|forcepoint|fortinet|trendmicro|sophos|ironport|cloudmark"
    r"|curl/|wget/|python|java/|okhttp|go-http-client|libwww|headless|facebookexternalhit",
    re.IGNORECASE,
)
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether no person is behind a request.

    :param method: of HTTP
    :param headers: of the request
    """
    agent = (headers.get("User-Agent") or "").strip()
    if method == "HEAD" or agent in ("", "Mozilla/5.0"):
        return True
    if any(re.search("prefetch|preview", headers.get(name) or "", re.IGNORECASE) for name in AHEAD):
        return True
    return bool(SCANNERS.search(agent))
