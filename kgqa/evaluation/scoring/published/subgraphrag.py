"""SubgraphRAG's scores ("Simple is Effective", ICLR 2025; `SubgraphRAG`, `reason/metrics/`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values, percent
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.published.matching import contains, fold
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["SubgraphRag"]

MARK = "ans:"
REFUSALS = ("ans: not available", "ans: no information available")
TWO_WAY = (
    "when", "what year", "which year", "where", "sport", "what countr", "language", "nba finals",
    "world series",
)  # fmt: skip
"""In questions with one of these words, answers are matched in both directions."""


class SubgraphRag(Definition):
    """One answer, one gold answer: what SubgraphRAG changed of RoG's scores, and where it still bends.

    Answers are the lines with `ans:`, each once, but for refusals and every line that holds the
    letters `none`; a file without any `ans:` is cut at its line ends, as the authors do with RoG's.
    Answers and gold answers, both longest first, are paired off greedily: a pair needs gold to be
    a substring of the answer line, or, in questions with when, where, what year, sport, language,
    ... also the answer to be a substring of gold ("North" for "North Korea"). `precision` and
    `recall` are shares of answers and gold answers that have a pair, `f1` their harmonic mean;
    `hits_at_1` asks it of the first answer. In questions with when or what year, gold dates are cut
    to the year. `hit` is the older one: any answer, not only the first, no pairing. What folds to
    nothing (an empty line, a dash) is a part of every gold answer, so it counts where answers are matched
    in both directions: in a file without `ans:`, an empty answer to "where ...?" is right.

    Totals also have `exact_match` (f1 is 1), `totally_wrong` (recall is 0) and `micro_...` over all
    answers at once. The authors' score of hallucination needs the triples that were retrieved and
    their `sub` totals a list of questions; neither is here. Written from the published code; no
    published per-question values were at hand to hold it against. Where the file does not say the
    questions, nothing is matched in both directions. Without gold answers there is no value: the script
    would stop.
    """

    name: ClassVar[str] = "subgraphrag"
    metrics: ClassVar[tuple[str, ...]] = ("hits_at_1", "hit", "f1", "precision", "recall")

    def score(self, prediction: Prediction) -> Values | None:
        """The values of one question, and how many `answers`, `gold_answers` and `pairs` there are."""
        if not prediction.gold:
            return None
        answers, gold = _answers(prediction), _gold(prediction)
        two_way = _two_way(prediction)
        pairs = len(list(_pairs(answers, gold, two_way)))
        precision = pairs / len(answers) if answers else 0.0
        recall = pairs / len(gold)
        both = precision + recall
        return {
            "hits_at_1": float(bool(answers) and any(_agree(answers[0], g, two_way) for g in gold)),
            "hit": float(_hit(prediction, gold, two_way)),
            "f1": 2 * precision * recall / both if both else 0.0,
            "precision": precision,
            "recall": recall,
            "answers": float(len(answers)),
            "gold_answers": float(len(gold)),
            "pairs": float(pairs),
        }

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Which answer each paired gold answer was paired with."""
        reasons = []
        answers, compared = _answers(prediction), _gold(prediction)
        whole = dict(zip(compared, _longest_first(prediction.gold), strict=True))
        for gold, answer in _pairs(answers, compared, _two_way(prediction)):
            said = fold(answer)
            rule = "gold is a substring of the answer"
            if not contains(answer, gold):
                rule = "the answer is a substring of gold"
                marked = answer.split(MARK)[-1].strip()
                said = fold(marked) if contains(gold, marked) else said
            reasons.append(Reason(whole[gold], rule, answer, answers.index(answer) + 1, fold(gold), said))
        return tuple(reasons)

    def nothing(self, prediction: Prediction) -> Values:
        """0 throughout; its gold answers count in the micro totals."""
        counts = {"answers": 0.0, "pairs": 0.0, "gold_answers": float(len(_gold(prediction)))}
        return dict.fromkeys(self.metrics, 0.0) | counts

    def totals(self, values: Sequence[Values]) -> dict[str, float]:
        """Means, shares and totals over all answers at once, in percent."""
        if not values:
            return {}
        answers, gold, pairs = (sum(v[name] for v in values) for name in ("answers", "gold_answers", "pairs"))
        precision, recall = (pairs / answers if answers else 0.0), (pairs / gold if gold else 0.0)
        both = precision + recall
        return {name: percent([row[name] for row in values]) for name in self.metrics} | {
            "exact_match": sum(row["f1"] == 1 for row in values) / len(values) * 100,
            "totally_wrong": sum(row["recall"] == 0 for row in values) / len(values) * 100,
            "micro_f1": 100 * 2 * precision * recall / both if both else 0.0,
            "micro_precision": 100 * precision,
            "micro_recall": 100 * recall,
        }


def _two_way(prediction: Prediction) -> bool:
    return any(word in prediction.question.lower() for word in TWO_WAY)


def _answers(prediction: Prediction) -> list[str]:
    if prediction.form != "ans":
        return prediction.text.split("\n")
    return _marked(prediction.text)


def _marked(text: str) -> list[str]:
    lines = [line for line in text.split("\n") if MARK in line and "none" not in line.lower()]
    return list(dict.fromkeys(line for line in lines if not any(no in line.lower() for no in REFUSALS)))


def _longest_first(gold: Sequence[str]) -> list[str]:
    return sorted(dict.fromkeys(gold), key=len, reverse=True)


def _gold(prediction: Prediction) -> list[str]:
    """The gold answers, each once, longest first; dates cut to the year where the question asks when."""
    gold = _longest_first(prediction.gold)
    if not any(word in prediction.question.lower() for word in ("when", "what year")):
        return gold
    return [year if "-" in name and (year := name.split("-")[0]).isdigit() else name for name in gold]


def _agree(answer: str, gold: str, two_way: bool) -> bool:
    return contains(answer, gold) or (two_way and contains(gold, answer.split(MARK)[-1].strip()))


def _pairs(answers: Sequence[str], gold: Sequence[str], two_way: bool) -> Iterator[tuple[str, str]]:
    """Each gold answer with the longest answer that is left and agrees."""
    left = sorted(answers, key=len, reverse=True)
    for name in gold:
        for answer in left:
            if _agree(answer, name, two_way) or (two_way and contains(name, answer)):
                left.remove(answer)
                yield name, answer
                break


def _hit(prediction: Prediction, gold: Sequence[str], two_way: bool) -> bool:
    if MARK in prediction.text:
        return any(_agree(answer, name, two_way) for answer in _marked(prediction.text) for name in gold)
    if any(contains(prediction.text, name) for name in gold):
        return True
    return two_way and any(contains(name, line) for line in prediction.text.split("\n") for name in gold)
