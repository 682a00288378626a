"""Why a request failed, whether a retry may help, and what the user can do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.chat.completion import Unreadable, read_error
from kgqa.chat.endpoint import Endpoint
from kgqa.counted import counted
from kgqa.errors import ChatEndpointError, ChatError
from kgqa.web import Response, proxy_hint, retry_after, scrubbed

__all__ = ["Failure", "diagnose", "unknown_model", "unreadable"]

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}tokens|too (long|many tokens)", re.I
)
_NO_MONEY = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.I)


@dataclass(frozen=True)
class Failure:
    """A request without a reply.

    `everywhere`: other conversations would fail as well. `passing`: a retry may help, after `wait` seconds.
    `complaint`: the server's message about a request that it refused. `charged`: the request may cost
    something all the same. `reached`: the server answered. `unknown`: there may be no such model.
    """

    message: str
    everywhere: bool = False
    passing: bool = False
    wait: float | None = None
    complaint: str | None = None
    charged: bool = False
    reached: bool = True
    unknown: bool = False

    def error(self) -> ChatError:
        """The error to raise."""
        return ChatEndpointError(self.message) if self.everywhere else ChatError(self.message)


def diagnose(response: Response, endpoint: Endpoint) -> Failure | None:
    """The failure of a response; `None` where its body can be read."""
    if response.trouble is not None:
        return _trouble(response, endpoint)
    status = response.status
    if 200 <= status < 300:
        return None
    said = scrubbed(read_error(response.body), endpoint.secrets)
    where = f"the LLM at {endpoint.base_url}"
    quoted = f": {said}" if said else ""
    if 300 <= status < 400:
        target = scrubbed(response.headers.get("location", "elsewhere"), endpoint.secrets)
        target = " ".join(target.split("?")[0].rpartition("@")[2].split())[:200]
        return Failure(f"{where} redirects to {target}; give the base URL of that address", everywhere=True)
    if status in (401, 403):
        key, login = ("the key" if endpoint.key else ""), ("the password" if endpoint.login else "")
        given = f"{key or login} was not accepted" if key or login else "no key was given"
        return Failure(
            f"{where} refuses access ({status}), {given}{quoted}; set OPENAI_API_KEY, or key_env in the "
            "configuration file",
            everywhere=True,
        )
    if status == 404:
        return Failure(
            f"{where} does not know the model {endpoint.model!r} (404){quoted}", True, unknown=True
        )
    if status == 429:
        return _limited(where, quoted, response)
    if status in (408, 409, 425) or status >= 500:
        return Failure(f"{where} failed ({status}){quoted}", passing=True, wait=retry_after(response.headers))
    if status == 413 or _TOO_LONG.search(said):
        return Failure(
            f"the conversation is too long for {endpoint.model} ({status}){quoted}; send fewer chains or "
            "use a model with a longer context"
        )
    return Failure(f"{where} refused the request ({status}){quoted}", complaint=said)


def unreadable(found: Unreadable, endpoint: Endpoint) -> Failure:
    """The failure of a body without a reply."""
    reason = scrubbed(found.reason, endpoint.secrets)
    page = "; is that its base URL? Most end in /v1" if "web page" in reason else ""
    return Failure(
        f"the LLM at {endpoint.base_url} {reason}{page}",
        everywhere=bool(page),
        passing=found.passing,
        charged=True,
    )


def unknown_model(failure: Failure, known: Sequence[str], endpoint: Endpoint) -> Failure:
    """The failure with the names of the models that exist, where the server could list them."""
    if not known:
        hint = "is the name right, and the base URL? Most end in /v1"
    else:
        more = f" and {len(known) - 10} more" if len(known) > 10 else ""
        hint = f"it has {', '.join(known[:10])}{more}"
    return Failure(f"{failure.message}; {scrubbed(hint, endpoint.secrets)}", everywhere=True)


def _limited(where: str, quoted: str, response: Response) -> Failure:
    if _NO_MONEY.search(quoted):
        return Failure(f"{where} reports no credit left (429){quoted}", everywhere=True)
    return Failure(
        f"{where} gets too many requests (429){quoted}; lower concurrency or set requests_per_minute",
        everywhere=True,
        passing=True,
        wait=retry_after(response.headers),
    )


def _trouble(response: Response, endpoint: Endpoint) -> Failure:
    where = f"the LLM at {endpoint.base_url}"
    reason = " ".join(scrubbed(response.reason, endpoint.secrets).split())[:200]
    because = f" ({reason})" if reason else ""
    match response.trouble:
        case "unreachable":
            return Failure(
                f"{where} cannot be reached{because}; is the server running? Its address is set by base_url, "
                f"OPENAI_BASE_URL or the configuration file{proxy_hint()}",
                everywhere=True,
                passing=True,
                reached=False,
            )
        case "timeout":
            return Failure(
                f"{where} did not answer within {counted(endpoint.timeout, 'second')} (timeout)",
                passing=True,
                charged=True,
            )
        case "oversized":
            return Failure(
                f"{where} sent far more than a reply, and the response was cut off",
                everywhere=True,
                charged=True,
            )
        case "unusable":
            return Failure(f"{where} does not follow the HTTP protocol{because}", everywhere=True)
        case _:
            return Failure(
                f"{where} closed the connection before it had answered{because}",
                passing=True,
                charged=True,
            )
