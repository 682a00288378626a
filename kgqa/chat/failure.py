"""Why a request failed, whether to ask again, and what to do about it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.chat.back_off import retry_after
from kgqa.chat.completion import Unreadable, read_error
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.response import Response
from kgqa.chat.secret import scrubbed
from kgqa.errors import ChatEndpointError, ChatError

__all__ = ["Failure", "diagnose", "unknown_model", "unreadable"]

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}tokens|too (long|many tokens)", re.I
)
_NO_MONEY = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.I)


@dataclass(frozen=True)
class Failure:
    """A request that got no reply.

    `everywhere` when other conversations would fail as well; `passing` when asking again may help,
    and then not before `wait` seconds. `complaint` is what the server said of a request that it
    refused; `charged` when it may have to be paid for all the same; `reached` when somebody was
    there at all; `unknown` when it may be that there is no such model.
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
    """What is wrong with a response; `None` for one whose body can be read."""
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
        return Failure(
            f"{where} redirects to {target}; give that place's base URL (--base-url)", everywhere=True
        )
    if status in (401, 403):
        key, login = ("the key" if endpoint.key else ""), ("the password" if endpoint.login else "")
        given = f"{key or login} was not accepted" if key or login else "no key was given"
        return Failure(
            f"{where} refuses access ({status}), {given}{quoted}; set OPENAI_API_KEY, or key_env in the "
            "config file",
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
            f"the conversation is too long for {endpoint.model} ({status}){quoted}; give it fewer chains or "
            "use a model with a longer context"
        )
    return Failure(f"{where} refused the request ({status}){quoted}", complaint=said)


def unreadable(found: Unreadable, endpoint: Endpoint) -> Failure:
    """What a body without a reply means."""
    reason = scrubbed(found.reason, endpoint.secrets)
    page = "; is that its base URL? Most end in /v1" if "web page" in reason else ""
    return Failure(
        f"the LLM at {endpoint.base_url} {reason}{page}",
        everywhere=bool(page),
        passing=found.passing,
        charged=True,
    )


def unknown_model(failure: Failure, known: Sequence[str], endpoint: Endpoint) -> Failure:
    """The same failure with the models that there are; none are known where they could not be listed."""
    if not known:
        hint = "is the name right, and the base URL? Most end in /v1"
    else:
        more = f" and {len(known) - 10} more" if len(known) > 10 else ""
        hint = f"it has {', '.join(known[:10])}{more} (--llm)"
    return Failure(f"{failure.message}; {scrubbed(hint, endpoint.secrets)}", everywhere=True)


def _limited(where: str, quoted: str, response: Response) -> Failure:
    if _NO_MONEY.search(quoted):
        return Failure(f"{where} says that the account has no money left (429){quoted}", everywhere=True)
    return Failure(
        f"{where} is asked too often (429){quoted}; lower --llm-concurrency or set requests_per_minute",
        everywhere=True,
        passing=True,
        wait=retry_after(response.headers),
    )


def _proxy() -> str:
    """That requests go through a proxy, which is not shown: it may hold a password."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
    name = next((name for name in names if os.environ.get(name)), None)
    return f"; requests go through the proxy in {name} unless NO_PROXY names the host" if name else ""


def _trouble(response: Response, endpoint: Endpoint) -> Failure:
    where = f"the LLM at {endpoint.base_url}"
    reason = " ".join(scrubbed(response.reason, endpoint.secrets).split())[:200]
    because = f" ({reason})" if reason else ""
    match response.trouble:
        case "unreachable":
            return Failure(
                f"{where} cannot be reached{because}; is the server running? Another address is given by "
                f"--base-url, OPENAI_BASE_URL or the config file{_proxy()}",
                everywhere=True,
                passing=True,
                reached=False,
            )
        case "timeout":
            return Failure(
                f"{where} did not answer within {endpoint.timeout:g} seconds; raise --llm-timeout if it is "
                "only slow",
                passing=True,
                charged=True,
            )
        case "oversized":
            return Failure(
                f"{where} sent far more than a reply and was cut off", everywhere=True, charged=True
            )
        case "unusable":
            return Failure(f"{where} does not speak HTTP as it should{because}", everywhere=True)
        case _:
            return Failure(
                f"{where} closed the connection before it had answered{because}",
                passing=True,
                charged=True,
            )
