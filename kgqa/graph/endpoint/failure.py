"""Why a request to an endpoint failed, whether a retry may help, and what the user can do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgqa.counted import counted
from kgqa.errors import EndpointDownError, EndpointError
from kgqa.graph.endpoint.access import HEADER, LOGIN, TOKEN, EndpointAccess
from kgqa.web import Response, proxy_hint, retry_after, scrubbed

__all__ = ["CutError", "Failure", "RefusedError", "diagnose"]

_SHOWN = 200
_PARTLY = "S1TAT"
"""The state of an answer for which Virtuoso ran out of time."""
_TIMED_OUT = re.compile(r"time[d-]? ?out|TimeoutException|estimated execution time|too long", re.I)


class CutError(EndpointError):
    """An answer whose end is missing, or that was too much to give: a smaller request may work."""


class RefusedError(EndpointError):
    """A query that the endpoint does not answer, though it answers others."""


@dataclass(frozen=True)
class Failure:
    """A request without an answer.

    `passing`: a retry may help, after `wait` seconds. `down`: other requests would fail as well. `cut`: a
    smaller request may work. `refused`: another query may work.
    """

    message: str
    passing: bool = False
    down: bool = False
    cut: bool = False
    refused: bool = False
    wait: float | None = None

    def error(self) -> EndpointError:
        """The error to raise."""
        if self.cut:
            return CutError(self.message)
        if self.refused:
            return RefusedError(self.message)
        return EndpointDownError(self.message) if self.down else EndpointError(self.message)


def diagnose(response: Response, access: EndpointAccess) -> Failure | None:
    """The failure of a response; `None` where its body may be read."""
    where = f"the endpoint {access.url}"
    if response.trouble is not None:
        return _trouble(response, access, where)
    status = response.status
    if 200 <= status < 300:
        if status == 206 or response.headers.get("x-sql-state") == _PARTLY:
            return Failure(f"{where} ran out of time and gave a part of its answer", cut=True)
        return None
    said = _said(response, access)
    quoted = f": {said}" if said else ""
    if 300 <= status < 400:
        target = scrubbed(response.headers.get("location", "elsewhere"), access.secrets)
        target = " ".join(target.rpartition("@")[2].split())[:_SHOWN]
        return Failure(f"{where} redirects to {target}; give that address", down=True)
    if status in (401, 403, 407):
        given = "what was given was not accepted" if any(access.secrets) else "no login was given"
        return Failure(
            f"{where} refuses access ({status}), {given}{quoted}; set {LOGIN}, {TOKEN} or {HEADER}", down=True
        )
    if status in (404, 405, 410):
        return Failure(f"{where} is not there ({status}){quoted}; is that its address?", down=True)
    if status == 429:
        return Failure(
            f"{where} gets too many requests (429){quoted}; lower the concurrency, or wait",
            passing=True,
            down=True,
            wait=retry_after(response.headers),
        )
    if status in (408, 504) or (status >= 500 and _TIMED_OUT.search(said)):
        return Failure(f"{where} ran out of time ({status}){quoted}", cut=True)
    if status in (409, 425) or status >= 500:
        return Failure(f"{where} failed ({status}){quoted}", passing=True, wait=retry_after(response.headers))
    if status in (413, 414):
        return Failure(f"{where} was asked too much at once ({status}){quoted}", cut=True)
    return Failure(f"{where} refused the query ({status}){quoted}", refused=True)


def _said(response: Response, access: EndpointAccess) -> str:
    """The beginning of what a server says about an error; nothing of a web page."""
    text = response.body.decode("utf-8", errors="replace")
    if text.lstrip()[:1] == "<":
        return ""
    return scrubbed(" ".join(text.split()), access.secrets)[:_SHOWN]


def _trouble(response: Response, access: EndpointAccess, where: str) -> Failure:
    reason = " ".join(scrubbed(response.reason, access.secrets).split())[:_SHOWN]
    because = f" ({reason})" if reason else ""
    match response.trouble:
        case "unreachable":
            return Failure(
                f"{where} cannot be reached{because}; is the server running?{proxy_hint()}",
                passing=True,
                down=True,
            )
        case "timeout":
            return Failure(f"{where} did not answer within {counted(access.timeout, 'second')} (timeout)")
        case "oversized":
            return Failure(f"{where} sent more than can be read at once", cut=True)
        case "unusable":
            return Failure(f"{where} does not follow the HTTP protocol{because}", down=True)
        case _:
            cut = 200 <= response.status < 300
            return Failure(
                f"{where} closed the connection before it had answered{because}", passing=True, cut=cut
            )
