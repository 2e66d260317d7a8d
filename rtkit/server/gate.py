"""Which web pages may come in.

A browser says in `Origin` whose page is asking, and in `Host` what name the page used for us.
Local pages and allowed origins may come. So may a page of our own host, but only by a name that we
know is ours: a site may point its own name at 127.0.0.1 ("DNS rebinding"), and is then of the same
host as we are. An IP address cannot be pointed elsewhere. Programs send no Origin. A browser sends
none only with a plain GET of its own host, so that without a key the Host of those is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from rtkit.refusals import Refusal
from rtkit.server.rejections import refuse

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Gate:
    """`origins` may come in beside local pages; `host` is where we listen, as it was given.

    `keyed`: a key is demanded of everybody anyhow.
    """

    origins: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    keyed: bool = False

    def refusal(self, origin: str | None, host: str, *, websocket: bool = False) -> Refusal | None:
        """Why a request with these two headers is not answered; None when it is."""
        if origin is not None and not self._page_allowed(origin, host):
            return refuse("bad_origin", origin=origin[:100])
        if origin is None and not (websocket or self.keyed or self._ours(host)):
            return refuse("bad_host", host=host[:100])
        return None

    def _page_allowed(self, origin: str, host: str) -> bool:
        page = _split(origin)
        if origin in self.origins or (page and page.hostname in LOCAL_HOSTS):
            return True
        return page is not None and bool(host) and page.netloc == host and self._ours(host)

    def _ours(self, host: str) -> bool:
        """Whether a Host header names us, by a name that nobody else can point at us."""
        split = _split(f"//{host}")
        name = split.hostname if split else None
        if name is None:
            return False
        names = {self.host.lower(), *LOCAL_HOSTS}
        names |= {page.hostname or "" for one in self.origins if (page := _split(one))}
        return name in names or _is_address(name)


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket that is not closed
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
