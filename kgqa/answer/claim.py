"""What a language model's reply claims."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Claim", "Claims"]


@dataclass(frozen=True)
class Claim:
    """A name that a reply gives as an answer, and the ids of the chains it names for it.

    `cited` is `None` where it names no chain at all, and empty where what it names is no id.
    """

    name: str
    cited: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Claims:
    """The claims of a reply, in its order; `abstains` where it says that there is no answer."""

    claims: tuple[Claim, ...] = ()
    abstains: bool = False
