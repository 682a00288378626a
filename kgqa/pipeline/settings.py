"""The settings of an answerer as plain values, as run files and the command line have them.

Every field carries the help text, the limits and, where it differs from its name, the flag of its option on
the command line, so that there is one list of settings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal, Self

from kgqa.constraint import StatedAnswer
from kgqa.graph.endpoint import FetchLimits
from kgqa.lm import EngineName, NumberFormat, PromptForm
from kgqa.methods import MethodName, with_preset
from kgqa.pipeline.aggregate_settings import AggregateName, AggregateSettings
from kgqa.pipeline.router import GrammarChoice
from kgqa.pipeline.search_settings import SearchSettings
from kgqa.pipeline.setting import check_limits, setting
from kgqa.pipeline.settings_table import SettingError, put, read_table, to_table
from kgqa.pipeline.walk_settings import WalkSettings
from kgqa.program import CoverageAction, CoverageRule

__all__ = [
    "ASK_DEFAULTS",
    "ASK_MIN_CONFIDENCE",
    "AggregateName",
    "AggregateSettings",
    "AnswererSettings",
    "EndpointSettings",
    "FilterSettings",
    "FinderName",
    "LlmSettings",
    "SearchSettings",
]

FinderName = Literal["model", "llm"]

ASK_MIN_CONFIDENCE = 0.02
"""What `kgqa ask` answers from, chosen on development questions; see docs/explanation/saying-nothing.md."""
ASK_DEFAULTS: Mapping[str, object] = {"min_confidence": ASK_MIN_CONFIDENCE, "grammar": "auto"}
"""How `kgqa ask`, and all that answers as it does, differs from `AnswererSettings()`."""


@dataclass(frozen=True, kw_only=True)
class FilterSettings:
    """Restrictions of chains, by names of the graph; `only_source` is one of the graph, also for programs."""

    without: tuple[str, ...] = setting(
        (), "A relation or entity that no chain may use; repeatable.", metavar="NAME"
    )
    only_relation: tuple[str, ...] = setting(
        (), "Chains may use only relations that are named so; repeatable.", metavar="NAME"
    )
    only_source: tuple[str, ...] = setting(
        (), "Use only facts from the source (named graph) with this name; repeatable.", metavar="NAME"
    )
    must_use: tuple[str, ...] = setting(
        (), "A relation or entity that every chain must use; repeatable.", metavar="NAME"
    )
    answer_type: tuple[str, ...] = setting(
        (), "Answers must be instances of this class; repeatable: of one of them.", metavar="NAME"
    )


@dataclass(frozen=True, kw_only=True)
class LlmSettings:
    """The LLM that aggregates or walks, where there is one."""

    name: str | None = setting(
        None,
        "An LLM: a name in the configuration file, a model of the endpoint, or a folder with a model "
        "[default: $KGQA_LLM, or the configuration's default].",
        flag="--llm",
        metavar="NAME",
    )
    base_url: str | None = field(
        default=None,
        repr=False,
        metadata={
            "help": "An OpenAI-compatible endpoint, such as http://localhost:8000/v1 "
            "[default: $OPENAI_BASE_URL].",
            "metavar": "URL",
        },
    )
    config: str | None = setting(
        None,
        "Endpoints and prices [default: ~/.config/kgqa/config.toml].",
        flag="--llm-config",
        metavar="FILE",
    )
    timeout: float | None = setting(
        None,
        "Time limit of a reply, retries included [default: 60].",
        flag="--llm-timeout",
        metavar="SECONDS",
        minimum=0,
    )
    concurrency: int | None = setting(
        None,
        "Requests to the LLM at a time [default: 8].",
        flag="--llm-concurrency",
        metavar="N",
        minimum=1,
    )
    max_cost: float | None = setting(
        None,
        "Upper bound of the cost of the LLM, by the prices in the configuration file.",
        metavar="AMOUNT",
        minimum=0,
    )
    max_seconds: float | None = setting(
        None, "Upper bound of the time for the LLM, over all questions.", metavar="SECONDS", minimum=0
    )


@dataclass(frozen=True, kw_only=True)
class EndpointSettings:
    """How a graph is asked that stays at its SPARQL endpoint."""

    named_graph: tuple[str, ...] = setting(
        (), "SPARQL endpoint: ask only the graph with this name; repeatable.", metavar="IRI"
    )
    language: tuple[str, ...] = setting(
        ("en",),
        "SPARQL endpoint: languages of names, best first; repeatable.",
        metavar="TAG",
    )
    hub_cap: int = setting(
        FetchLimits.hub,
        "SPARQL endpoint: look at no more than so many facts of one node.",
        metavar="N",
        minimum=1,
    )
    node_cap: int = setting(
        FetchLimits.nodes,
        "SPARQL endpoint: look at no more than so many nodes at each hop.",
        metavar="N",
        minimum=1,
    )
    timeout: float = setting(
        60.0,
        "SPARQL endpoint: time limit of a request, retries included.",
        flag="--endpoint-timeout",
        metavar="SECONDS",
        minimum=0.001,
    )
    concurrency: int = setting(
        4,
        "SPARQL endpoint: requests at a time.",
        flag="--endpoint-concurrency",
        metavar="N",
        minimum=1,
    )
    max_age: float = setting(
        0.0,
        "SPARQL endpoint: reuse earlier answers that are no older than this.",
        metavar="HOURS",
        minimum=0,
    )
    graph_version: str = setting(
        "",
        "SPARQL endpoint: the version of its graph, of which earlier answers are reused "
        "[default: what it says of itself].",
        metavar="TEXT",
    )
    offline: bool = setting(
        False, "SPARQL endpoint: send nothing, answer from what it answered before, of any age."
    )


@dataclass(frozen=True, kw_only=True)
class AnswererSettings:
    """All settings of an answerer; `kgqa.pipeline.assembly` builds it.

    Read from a table that names a `method`, they are those of the method where the table has no others
    (`kgqa.methods`).
    """

    method: MethodName | None = setting(None, shown=False)
    graph: str | None = setting(
        None,
        "An index folder, a graph file, the URL of a SPARQL endpoint, or atlas [default: atlas].",
        metavar="GRAPH",
    )
    model: str | None = setting(
        None,
        "A language model: a folder, a hub name, or vllm:URL of a vLLM server [default: the shipped one].",
        metavar="NAME_OR_DIR",
    )
    large_model: str | None = setting(
        None,
        "A larger language model with the same tokenizer, asked where --model is uncertain.",
        metavar="NAME_OR_DIR",
    )
    large_above: float | None = setting(
        None,
        "Entropy of the next token above which the larger model is asked [default: 1].",
        metavar="NATS",
        minimum=0,
    )
    encoder: str | None = setting(
        None,
        "A sentence-transformers model that ranks paths and links names by meaning "
        "[default: the shipped model's own].",
        metavar="NAME_OR_DIR",
    )
    reranker: str | None = setting(
        None,
        "A sentence-transformers cross-encoder that re-ranks paths [default: the shipped model's own].",
        metavar="NAME_OR_DIR",
    )
    device: str = setting("auto", "Device of the models: auto (a GPU if there is one), cpu, cuda, mps.")
    dtype: NumberFormat = setting("auto", "Number format of models; half precision is faster on a GPU.")
    engine: EngineName = setting(
        "auto",
        "What computes the language model: transformers, llama.cpp (GGUF files only), or auto: llama.cpp for "
        "GGUF files where it is installed.",
    )
    grammar: GrammarChoice = setting(
        "relations",
        "What the model writes. relations: relation paths; path: paths; chain: branching chains; programs: "
        "also counts, superlatives, filters, comparisons; auto: programs for questions that need them, else "
        "relation paths.",
    )
    hops: int = setting(3, "Maximum number of hops of a chain.", minimum=1)
    inverse: bool = setting(True, "Allow steps against the direction of triples.")
    allow_return: bool = setting(
        False, "Allow chains that return to their start.", flag="--allow-return/--no-return"
    )
    speak_identifiers: bool = setting(
        False, "Write nodes without a name (m.0abc) by their identifiers, as GCR does, and answer with them."
    )
    prompt: PromptForm = setting(
        "kgqa",
        "How questions are put to the model. gcr: as GCR's checkpoints were trained on them; rog: RoG's "
        "instruction, for relation plans; dog: with the facts around the topics, for branching chains.",
    )
    answer: StatedAnswer = setting(
        "none",
        "What the model writes behind each path or branching chain. held: the name of an entity of it; free: "
        "any text, which is not from the graph (as GCR).",
    )
    reason: FinderName = setting(
        "model",
        "What finds the chains. model: the language model, decoded under the constraint; llm: the LLM, which "
        "chooses among the steps that the graph allows, hop by hop.",
    )
    seed: int = setting(0, "Random seed: of a sample of questions, and of decoders that draw at random.")
    min_confidence: float = setting(
        0.0,
        "Give no answer if the confidence is below this.",
        metavar="P",
        minimum=0,
        maximum=1,
    )
    check_form: bool = setting(
        True,
        "Give no answer of another kind than the question asks for: no list for how many, is it, or which is "
        "the largest.",
    )
    coverage: float = setting(
        CoverageRule.least_coverage,
        "The least share of members with a value at which a program's comparison or sum counts as sure.",
        metavar="SHARE",
        minimum=0,
        maximum=1,
    )
    coverage_action: CoverageAction = setting(
        CoverageRule.action, "What is done below that share. warn: say so; abstain: give no answer."
    )
    explain: bool = setting(
        False, "With branching chains, the model explains each of its triples in free text (as DoG)."
    )
    rank: bool = setting(
        True,
        "Rank chains again by the model's own judges and the question's words, and answers by the graph.",
    )
    keep_texts: bool = setting(
        False,
        "Keep in the records all chains that were found, with the text and the answer that the model wrote.",
    )
    search: SearchSettings = field(default_factory=SearchSettings)
    walk: WalkSettings = field(default_factory=WalkSettings)
    aggregate: AggregateSettings = field(default_factory=AggregateSettings)
    llm: LlmSettings = field(default_factory=LlmSettings)
    filters: FilterSettings = field(default_factory=FilterSettings)
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)

    def __post_init__(self) -> None:
        check_limits(self)
        if self.search.seconds == 0:
            raise SettingError("search.seconds", "must be more than 0, not 0")

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """The settings in a table of TOML, on top of those of the method that it names.

        Raises `SettingError` for an unknown key or a bad value, `UsageError` for an unknown method.
        """
        return read_table(cls, with_preset(values))

    def but(self, key: str, value: object) -> Self:
        """The same settings with another value under a dotted name. Raises `SettingError`."""
        if key == "method":
            raise SettingError(
                key, "stands below all other settings: choose it with --method or in a run file"
            )
        table = self.to_json()
        put(table, key, value)
        return read_table(type(self), table)  # the settings of the method are in it, or were replaced

    def overridden(self, given: Mapping[str, object]) -> Self:
        """The same settings with other values, by dotted names. Raises `SettingError`."""
        return reduce(lambda settings, key: settings.but(key, given[key]), given, self)

    @property
    def aggregate_name(self) -> AggregateName:
        """The aggregator in use: weighed where an LLM is named and none is chosen."""
        return self.aggregate.name or ("vote" if self.llm.name is None else "weighed")

    @property
    def asks_llm(self) -> bool:
        """Whether an LLM is used."""
        return self.reason == "llm" or self.aggregate_name != "vote"

    def without_llm(self) -> Self:
        """The same settings, but the language model finds the chains and a vote makes the answer."""
        return dataclasses.replace(
            self, reason="model", llm=LlmSettings(), walk=WalkSettings(), aggregate=AggregateSettings()
        )

    def of_chains_alone(self) -> Self:
        """The same settings, but the model writes chains only: no answers behind them, no explanations."""
        return dataclasses.replace(self, answer="none", explain=False)

    def to_json(self) -> dict[str, Any]:
        """As a table that `of` reads; unset values are left out."""
        return to_table(self)
