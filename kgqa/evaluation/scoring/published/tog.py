"""ToG's score ("Think-on-Graph", ICLR 2024; `ToG`, `eval/`), which Plan-on-Graph and others took over."""

from __future__ import annotations

from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.prediction import Prediction, in_braces
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["Tog"]


class Tog(Definition):
    """`exact_match`, which is none: equal to, containing, or *contained in* any gold answer.

    Compared are lower-cased texts without spaces; punctuation stays. The answer is what the first
    braces of the output hold, else the whole output. So an output that mentions a gold answer
    anywhere counts, and so does one that is a part of a gold answer: `{Ba}` for "Barack Obama", and
    empty braces for everything. Braces that hold the word NULL count as wrong. One value a question:
    no precision, no list of answers. Where a file has lists, they are put together with line ends.

    ToG finds gold by the text of the question in the original data set, aliases included; here it is
    what the file or the gold file has. Written from the published code; no published per-question
    values were at hand to hold it against. Without gold answers the value is 0, as there.
    """

    name: ClassVar[str] = "tog"
    metrics: ClassVar[tuple[str, ...]] = ("exact_match",)

    def score(self, prediction: Prediction) -> Values:
        """`exact_match`, 0 or 1."""
        return {"exact_match": float(bool(self.explain(prediction)))}

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """For each gold answer that would do, which of the three ways it is."""
        held = in_braces(prediction.text)
        answer = prediction.text if held is None else held
        if held == "NULL":
            return ()
        said = _bare(answer)
        reasons = []
        for gold in dict.fromkeys(prediction.gold):
            wanted = _bare(gold)
            if said == wanted:
                rule = "equal without spaces"
            elif wanted in said:
                rule = "gold is a substring of the answer"
            elif said in wanted:
                rule = "the answer is a substring of gold"
            else:
                continue
            reasons.append(Reason(gold, rule, answer, 0, wanted, said))
        return tuple(reasons)

    def printed(self, totals: Values) -> str:
        """`Exact Match: 0.75`, as a share."""
        return f"Exact Match: {totals['exact_match'] / 100}" if totals else ""


def _bare(text: str) -> str:
    return text.strip().replace(" ", "").lower()
