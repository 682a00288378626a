"""What is kept of one question of a run."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self, get_args

from kgqa.answer import Agreement, LlmReport
from kgqa.chat import Usage
from kgqa.datasets import ANSWER_TYPES, AnswerType
from kgqa.evaluation.scoring.metrics import Metrics, exact_match
from kgqa.evaluation.written import Written
from kgqa.pipeline import Timings

__all__ = ["FAILURES", "STATUSES", "Record", "Status"]

Status = Literal["answered", "abstained", "no-entity", "no-chain", "timeout", "error"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""What can become of a question, in the order of the reports."""
FAILURES: frozenset[Status] = frozenset({"timeout", "error"})
"""Of these no answer is known; with every other status, no answers means that there are none."""
_WITHOUT_TYPES: Mapping[str, object] = {
    "answer_type": "entity",
    "operators": [],
    "gold_entities": [],
    "gold_aliases": [],
    "graph": None,
    "denotation": None,
    "value": None,
    "proof": None,
    "proof_text": "",
    "written": [],
}
"""What records had before answers had types; their denotation accuracy is the exact match of names."""
_LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
"""JSON allows these in texts as they are, but many programs take them for the end of a line."""


@dataclass(frozen=True)
class Record:
    """The outcome of one question; every question of a run has exactly one record.

    `answers` are names, best first; `entities` are their identifiers and `vote_shares` (0 to 1) what the
    aggregator ranked them by. `chains` are lists of triples in the graph's own direction, by identifiers;
    `proves` gives for each chain the index of its answer. `faithful` is the share of answers whose chains
    were all found in the graph. `seconds` is the time the answer took, the sum of `timings`. `error` says why
    there is none. `confidence` (0 to 1) is the calibrated probability that the first answer is right, `None`
    without a calibration. `llm_report` is what an LLM reported beside the answers, where one was asked.

    `kind` is the type of question, where the set has types. `passes` of the language model took part in the
    question, which read `tokens` tokens of chains in them. `gold_rank` is the place, from 1, of the first
    hypothesis that is a gold chain or relation path: 0 where none is, `None` where no gold chain is known.

    `answer_type` says how answers were compared with `gold`, by `gold_entities` where the set has
    identifiers, and by `gold_aliases`, other names of each gold answer; `denotation` is 1 where both are the
    same set. `operators` are those that the question needs,
    by its set, `graph` is the name of its graph in a set with several.

    An answer that was computed by a program is a `value` (a number, a date, yes or no): the only one of
    `answers`, and no entity. `proof` is the JSON form of what was executed (`Proof.to_dict`), with about 20
    facts for each part of the program and the first 100 members of the result, and `proof_text` the same for
    people; `None` and empty where no program was executed. Where one was, `faithful` is 1 if executing it
    again with other code gave exactly this proof, else 0.

    `written` has, where the run keeps texts, every hypothesis that was found, the best first.
    """

    id: str
    question: str
    topic_entities: tuple[str, ...]
    status: Status
    answers: tuple[str, ...]
    entities: tuple[str, ...]
    vote_shares: tuple[float, ...]
    chains: tuple[tuple[tuple[str, str, str], ...], ...]
    proves: tuple[int, ...]
    gold: tuple[str, ...]
    hops: int | None
    hits_at_1: float
    hit: float
    precision: float
    recall: float
    f1: float
    faithful: float
    seconds: float
    error: str = ""
    confidence: float | None = None
    llm_report: LlmReport | None = None
    kind: str | None = None
    timings: Timings = field(default_factory=Timings)
    passes: int = 0
    tokens: int = 0
    gold_rank: int | None = None
    answer_type: AnswerType = "entity"
    operators: tuple[str, ...] = ()
    gold_entities: tuple[str, ...] = ()
    gold_aliases: tuple[tuple[str, ...], ...] = ()
    graph: str | None = None
    denotation: float = 0.0
    value: str | None = None
    proof: Mapping[str, Any] | None = None
    proof_text: str = ""
    written: tuple[Written, ...] = ()

    @property
    def program(self) -> str:
        """The text of the program that was executed; empty where none was."""
        return "" if self.proof is None else str(self.proof.get("program", ""))

    @property
    def failed(self) -> bool:
        """Whether the question ended in a failure; then nothing is right, also where gold is empty."""
        return self.status in FAILURES

    @property
    def metrics(self) -> Metrics:
        """The scores of the answers."""
        return Metrics(**{metric.name: getattr(self, metric.name) for metric in fields(Metrics)})

    def to_json(self) -> str:
        """One line of `records.jsonl`, without its end; half a surrogate pair becomes `?`."""
        text = json.dumps(asdict(self), ensure_ascii=False).translate(_LINE_ENDS)
        return text.encode("utf-8", "replace").decode("utf-8")

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `to_json` wrote, also before answers had types. Raises `ValueError` for anything else."""
        names = [field.name for field in fields(cls)]
        if missing := [name for name in names if name not in values and name not in _WITHOUT_TYPES]:
            raise ValueError(f"the field {missing[0]!r} is missing")
        values = {name: values[name] if name in values else _WITHOUT_TYPES[name] for name in names}
        if values["status"] not in STATUSES:
            raise ValueError(f"'status' is {str(values['status'])[:80]!r}, not one of {', '.join(STATUSES)}")
        for holds, needed, kinds in _KINDS:
            for name in kinds:
                _must_be(holds(values[name]), name, needed, values[name])
        _check_lengths(values)
        if values["denotation"] is None:
            values["denotation"] = exact_match(values["answers"], values["gold"])
        for name in (*_TEXT_LISTS, "proves"):
            values[name] = tuple(values[name])
        values["gold_aliases"] = tuple(map(tuple, values["gold_aliases"]))
        values["vote_shares"] = tuple(map(float, values["vote_shares"]))
        values["chains"] = tuple(tuple(tuple(triple) for triple in chain) for chain in values["chains"])
        values["llm_report"] = _llm_report(values["llm_report"])
        values["timings"] = _timings(values["timings"])
        values["written"] = tuple(map(_written, values["written"]))
        return cls(**values)


def _check_lengths(values: Mapping[str, Any]) -> None:
    """Raise `ValueError` where lists do not belong together."""
    aliases, answers, proves = values["gold_aliases"], len(values["answers"]), values["proves"]
    _must_be(len(aliases) in (0, len(values["gold"])), "gold_aliases", "lists of texts", aliases)
    lengths = (len(values["entities"]), len(values["vote_shares"]))
    whole = (answers, answers) if values["value"] is None else (0, 1)
    _must_be(lengths == whole, "answers", "as long as entities and vote_shares", values["answers"])
    fits = len(proves) == len(values["chains"]) and all(0 <= at < answers for at in proves)
    _must_be(fits, "proves", "one answer for each chain", proves)


def _written(value: object) -> Written:
    try:
        one = Written(**(value if isinstance(value, Mapping) else {}))
    except TypeError as error:
        raise ValueError(f"'written' must be objects of a text with its chain ({error})") from error
    for name in ("text", "path"):
        _must_be(isinstance(getattr(one, name), str), f"written.{name}", "a text", getattr(one, name))
    _must_be(one.answer is None or isinstance(one.answer, str), "written.answer", "a text", one.answer)
    _must_be(isinstance(one.holds, bool), "written.holds", "true or false", one.holds)
    _must_be(_is_number(one.score), "written.score", "a number", one.score)
    _must_be(_is_chains([one.chain]), "written.chain", "a list of [head, relation, tail]", one.chain)
    return replace(one, chain=tuple((head, relation, tail) for head, relation, tail in one.chain))


def _must_be(holds: bool, field: str, needed: str, value: object) -> None:
    if not holds:
        raise ValueError(f"{field!r} must be {needed}, not {str(value)[:80]!r}")


def _llm_report(value: object) -> LlmReport | None:
    if value is None:
        return None
    try:
        said = dict(value) if isinstance(value, Mapping) else {}
        own = said["closed_book"]
        said |= {"usage": Usage(**said["usage"]), "outside": tuple(said["outside"])}
        said["closed_book"] = None if own is None else tuple(own)
        report = LlmReport(**said)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"'llm_report' must be an object of its own fields ({error})") from error
    usage = report.usage
    counts = [count for name, count in asdict(usage).items() if name != "cost"]
    texts = report.model, report.failure, report.reply, *report.outside, *(report.closed_book or ())
    _must_be(all(isinstance(text, str) for text in texts), "llm_report", "an object with its texts", value)
    _must_be(
        all(map(_is_whole, counts)), "llm_report.usage", "an object with its whole numbers", said["usage"]
    )
    for name, number in (("usage.cost", usage.cost), ("conflict", report.conflict)):
        _must_be(number is None or _is_number(number), f"llm_report.{name}", "a number", number)
    known = (None, *get_args(Agreement))
    _must_be(report.agreement in known, "llm_report.agreement", f"one of {known}", report.agreement)
    return report


def _timings(value: object) -> Timings:
    names = {field.name for field in fields(Timings)}
    good = (
        isinstance(value, dict)
        and value.keys() == names
        and all(_is_number(one) and math.isfinite(one) for one in value.values())
    )
    _must_be(good, "timings", f"the seconds of {', '.join(sorted(names))}", value)
    return Timings(**value)  # type: ignore[arg-type]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_number(value: object) -> bool:
    """Whether a value is a number that a float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _is_list_of(value: object, *kinds: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kinds) for item in value)


def _is_chains(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(chain, list) and all(_is_list_of(triple, str) and len(triple) == 3 for triple in chain)
        for chain in value
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return _is_list_of(value, str)


def _or_none(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or holds(value)


_TEXT_LISTS = ("topic_entities", "answers", "entities", "gold", "operators", "gold_entities")
_SCORES = (*(metric.name for metric in fields(Metrics) if metric.name != "denotation"), "faithful")
_KINDS: tuple[tuple[Callable[[Any], bool], str, tuple[str, ...]], ...] = (
    (_is_text, "a text", ("id", "question", "error", "proof_text")),
    (_is_texts, "a list of texts", _TEXT_LISTS),
    (
        lambda value: isinstance(value, list) and all(map(_is_texts, value)),
        "lists of texts",
        ("gold_aliases",),
    ),
    (_is_share, "a number from 0 to 1", _SCORES),
    (_or_none(_is_share), "a number from 0 to 1", ("denotation",)),
    (_is_number, "a number", ("seconds",)),
    (_or_none(_is_number), "a number", ("confidence",)),
    (_is_whole, "a whole number", ("passes", "tokens")),
    (_or_none(_is_text), "a text", ("kind", "graph", "value")),
    (_or_none(_is_whole), "a place from 1, or 0", ("gold_rank",)),
    (lambda value: value in ANSWER_TYPES, f"one of {', '.join(ANSWER_TYPES)}", ("answer_type",)),
    (
        lambda value: isinstance(value, list) and all(map(_is_number, value)),
        "a list of numbers",
        ("vote_shares",),
    ),
    (lambda value: _is_list_of(value, int), "a list of numbers", ("proves",)),
    (_is_chains, "lists of [head, relation, tail]", ("chains",)),
    (_or_none(lambda value: isinstance(value, int)), "a number", ("hops",)),
    (_or_none(lambda value: isinstance(value, dict)), "an object", ("proof",)),
    (lambda value: isinstance(value, list), "a list of objects", ("written",)),
)
"""What the fields of a record are, in the order in which they are checked."""
