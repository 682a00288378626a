"""What a system said of one question, as its prediction file has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kgqa.datasets import AnswerType
from kgqa.errors import check_name_lists, check_names
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation

__all__ = ["Form", "Prediction", "in_braces"]

Form = Literal["names", "lines", "list", "ans", "braces"]
"""How a file holds answers: a list of names (kgqa's records), a text of lines, a list of texts, lines
marked `ans:`, a text with `{...}`."""

ANSWER = "# Answer:\n"
"""What GCR's models write between a reasoning path and its answers."""


@dataclass(frozen=True)
class Prediction:
    """The output of a system for one question, untouched, and the gold answers.

    `output` is a text where the file has one text, a tuple where it has a list. `form` is that of
    the whole file. `question` is empty where the file does not say it; `gold_paths` are texts, None
    where the file has no such field. `line` is the line of the file (from 1, 0: no file).

    `answer_type` says how answers are compared with gold ones. `entities` are the identifiers of the answers
    and `gold_entities` those of the gold answers, where they are known; `gold_aliases` are other right names
    of each gold answer. `operators` and `graph` are those of the question. `failed`: the question ended in a
    failure, so that no answers does not mean that there are none.
    """

    id: str
    output: str | tuple[str, ...]
    gold: tuple[str, ...]
    question: str = ""
    gold_paths: tuple[str, ...] | None = None
    form: Form = "lines"
    line: int = 0
    answer_type: AnswerType = "entity"
    entities: tuple[str, ...] = ()
    gold_entities: tuple[str, ...] = ()
    gold_aliases: tuple[tuple[str, ...], ...] = ()
    operators: tuple[str, ...] = ()
    graph: str | None = None
    failed: bool = False

    def __post_init__(self) -> None:
        for name in ("gold", "entities", "gold_entities", "operators"):
            check_names(getattr(self, name), name)
        check_names(self.gold_paths, "gold_paths")
        check_name_lists(self.gold_aliases, "gold_aliases")

    @property
    def text(self) -> str:
        """The output as one text; a list is put together with line ends."""
        return self.output if isinstance(self.output, str) else "\n".join(self.output)

    @property
    def denotation(self) -> Denotation:
        """The answers, with their identifiers where there is one for each."""
        if len(self.entities) == len(self.output) and not isinstance(self.output, str):
            return Denotation(self.output, self.entities)
        return Denotation(self.answers)

    @property
    def gold_denotation(self) -> GoldDenotation:
        """The gold answers, their type, their identifiers and aliases."""
        return GoldDenotation(self.gold, self.answer_type, self.gold_entities, self.gold_aliases)

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers in their order, each once, as a strict reader takes them: names, or one a line.

        Of lines marked `ans:` what follows the mark, of a text with braces what the first pair
        holds, of GCR's texts what follows `# Answer:`. Nothing else is cut off: a sentence, a
        number or a dash before a name make another name of it.

        >>> Prediction("q", "Here you are:\\nans: Oslo\\nans: Bergen", ("Oslo",), form="ans").answers
        ('Oslo', 'Bergen')
        """
        if self.form == "names":
            return tuple(dict.fromkeys(self.output))
        if self.form == "braces":
            held = in_braces(self.text)
            lines = [self.text if held is None else held]
        elif self.form == "ans":
            marked = [line for line in self.text.split("\n") if "ans:" in line]
            lines = [line.split("ans:")[-1] for line in marked]
        else:
            parts = (self.output,) if isinstance(self.output, str) else self.output
            lines = [line for part in parts for line in part.split(ANSWER)[-1].split("\n")]
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def in_braces(text: str) -> str | None:
    """What stands between the first `{` and the first `}` of a text; None where there is no `{`.

    As ToG cuts it: without any `}` the last character is lost, and with one before the `{` nothing
    is left.
    """
    return text[text.find("{") + 1 : text.find("}")] if "{" in text else None
