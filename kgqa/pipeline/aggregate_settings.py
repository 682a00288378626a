"""The settings of what makes answers from chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from kgqa.methods import REPLY_SETTINGS
from kgqa.pipeline.setting import setting

__all__ = ["AggregateName", "AggregateSettings"]

AggregateName = Literal["vote", "weighed", "grounded", "open", "gcr", "rog", "tog"]
_VOTE = ("share", "all_topics", "chains_per_answer", "floor")


@dataclass(frozen=True, kw_only=True)
class AggregateSettings:
    """How hypotheses become an answer; `None`: the default of the aggregator.

    `share`, `all_topics`, `chains_per_answer` and `floor` are those of `Vote`; the others need an LLM.
    """

    name: AggregateName | None = setting(
        None,
        "How chains become answers. vote: by their probabilities; grounded: by an LLM, only entities on the "
        "chains that it cites count; weighed: grounded, and citations are weighed against the vote; open: "
        "grounded, and other names are shown as not from the graph; gcr, rog, tog: by an LLM in the words "
        "of that paper, names on the chains count [default: weighed with --llm, else vote].",
        flag="--aggregate",
    )
    share: float | None = setting(
        None,
        "Return the ends of all chains whose weight is at least this share of the best chain's.",
        minimum=0,
        maximum=1,
    )
    all_topics: bool | None = setting(None, shown=False)
    chains_per_answer: int | None = setting(None, minimum=1, shown=False)
    floor: float | None = setting(
        None, "Ignore chains whose log-probability (natural logarithm) is below this.", metavar="NATS"
    )
    closed_book: bool = setting(
        False, "Also ask the LLM without chains, and report where it contradicts the graph."
    )
    fall_back: bool = setting(
        False, "If the LLM gives no reply, use the vote; without this, the question fails."
    )
    contrast: bool = setting(
        False,
        "Contrastive decoding (AdaCAD): give the chains more weight than what the LLM has learned; only for "
        "an LLM from a folder.",
    )
    evidence_tokens: int | None = setting(
        None,
        "Approximate number of tokens of chains in the prompt, most probable first [default: 3000].",
        metavar="N",
        minimum=1,
    )
    answer_tokens: int | None = setting(
        None,
        "Maximum length of the LLM's reply, in tokens; what is cut off is read as far as it goes "
        "[default: 1024].",
        metavar="N",
        minimum=1,
    )

    @property
    def of_vote(self) -> dict[str, Any]:
        """The settings of a `Vote` that are set."""
        return {name: value for name in _VOTE if (value := getattr(self, name)) is not None}

    @property
    def of_llm(self) -> dict[str, Any]:
        """The settings of an `LlmAggregator` that are set."""
        return {name: value for name in REPLY_SETTINGS if (value := getattr(self, name)) not in (None, False)}
