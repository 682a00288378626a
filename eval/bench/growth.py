"""How a whole question grows: with hops, beams, the degree of a hub, and the vocabulary.

    .venv/bin/python eval/bench/growth.py

One setting is varied at a time, by a random model of 20 million weights. Hops, beams and vocabulary
are measured with MetaQA questions about films (the median of some), the hub with a star of up to a
million neighbours and varied names. The published way is measured beside our engine until one
question takes it longer than the limit; what it would have taken from there on is not known.

Writes growth.md, growth.json and growth.png. Takes about ten minutes on two cores,
more where the tables of the largest star are not stored yet.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from command import command, parsed
from machine import Machine
from metaqa import Asked, graph, questions, sample, texts
from models import BenchModel, bench_model, bench_tokenizer
from published import Limit, LimitError, Neighbours, Written, published
from report import Report, Table, median

from kgqa.constraint import Reach, Walk
from kgqa.decode import BeamSearch, Engine, Task
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import Prompt

PANELS = ("hops", "beams", "neighbours of a hub", "vocabulary")
HUB = "the hub"
MOST_PASSES = 24
TRAINED = 16_000
"""The largest vocabulary that a tokenizer is trained for; beyond it the model's is padded."""


@dataclass
class Point:
    """What questions took with one value of what is varied; times in seconds."""

    panel: str
    value: int
    questions: int = 0
    ours: list[float] = field(default_factory=list)
    passes: list[int] = field(default_factory=list)
    published: list[float] = field(default_factory=list)
    published_passes: list[int] = field(default_factory=list)
    paths: list[int] = field(default_factory=list)
    failure: str = ""


class Pair:
    """Both ways over one graph, by one model."""

    def __init__(self, facts: IndexedGraph, model: BenchModel, seconds: float) -> None:
        self._model = model
        self._seconds = seconds
        self._neighbours = Neighbours(facts)
        self._reach = Reach(facts)
        self._speaker = model.speaker()
        graph_tokens = self._reach.graph_tokens(self._speaker.tokenizer)
        _ = graph_tokens.names, graph_tokens.steps
        self._neighbours.read_all()

    def measure(self, point: Point, drawn: Sequence[Asked], hops: int, beams: int, slow: bool) -> None:
        """Questions both ways, in turns; the first warms up. `slow`: the published way too."""
        self._speaker = self._model.speaker()  # without what it remembers of the same prompts
        for number, asked in enumerate(drawn):
            ways = ["ours", *(["published"] if slow and not point.failure else [])]
            for way in ways if number % 2 else reversed(ways):
                counts = number > 0 or len(drawn) == 1
                if way == "ours":
                    written = self._ours(asked, hops, beams)
                    if counts:
                        point.questions += 1
                        point.ours.append(written.seconds)
                        point.passes.append(written.passes)
                    continue
                try:
                    written = self._published(asked, hops, beams)
                except LimitError as error:
                    point.failure = str(error)
                    continue
                if counts:
                    point.published.append(written.seconds)
                    point.published_passes.append(written.passes)
                    point.paths.append(written.paths or 0)

    def _ours(self, asked: Asked, hops: int, beams: int) -> Written:
        engine = Engine(self._speaker, questions=1)
        walk = Walk.over(self._reach, [asked.topic], self._speaker.tokenizer, "path", hops)
        (found,) = engine.run(BeamSearch(beams=beams, length_penalty=1.0), [Task(_prompt(asked), walk)])
        assert isinstance(found, list), found
        cost = engine.cost
        found_texts = [hypothesis.tokens for hypothesis in found]
        return Written(found_texts, [h.score for h in found], cost.seconds, cost.passes, cost.model_seconds)

    def _published(self, asked: Asked, hops: int, beams: int) -> Written:
        return published(
            self._model.raw,
            self._model.tokenizer,
            self._neighbours,
            self._speaker.renderer.encode(_prompt(asked)),
            [asked.topic],
            hops,
            self._speaker.tokenizer.end_id,
            beams,
            Limit(10**9, self._seconds),
        )


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--questions", type=int, default=10, help="of MetaQA, for each point")
    parser.add_argument("--seconds", type=float, default=60.0, help="the most for one, the published way")
    parser.add_argument("--hops", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 2, 5, 10, 20, 50])
    parser.add_argument("--degrees", type=int, nargs="+", default=[10**power for power in range(1, 7)])
    parser.add_argument(
        "--vocabularies", type=int, nargs="+", default=[8_000, 16_000, 32_000, 64_000, 128_000, 256_000]
    )
    arguments = parsed(parser)
    if arguments.quick:
        arguments.questions, arguments.seconds, arguments.hops, arguments.beams = 1, 20.0, [1, 2], [1]
        arguments.degrees, arguments.vocabularies = [10, 100], [8_000]
    facts = graph(arguments.data)
    trained_on = texts(arguments.data, facts)
    drawn = sample(questions(arguments.data, 3, facts), arguments.questions + 1, arguments.seed)
    model = bench_model("20M", bench_tokenizer(trained_on))
    points: list[Point] = []
    pair = Pair(facts, model, arguments.seconds)
    settings = [("hops", hops, hops, 10) for hops in arguments.hops]
    settings += [("beams", beams, 2, beams) for beams in arguments.beams]
    for panel, value, hops, beams in settings:
        point = Point(panel, value)
        pair.measure(point, drawn, hops, beams, not gave_up(points, panel))
        points.append(told(point))
    for degree in arguments.degrees:
        point = Point("neighbours of a hub", degree)
        star = Pair(hub(degree, trained_on), model, arguments.seconds)
        asked = [Asked(f"which of them does {name} {HUB} lead to?", HUB) for name in ("once", "now")]
        star.measure(point, asked, 1, 10, not gave_up(points, point.panel))
        points.append(told(point))
    for size in arguments.vocabularies:
        tokenizer = bench_tokenizer(trained_on, min(size, TRAINED))
        wide = Pair(facts, bench_model("20M", tokenizer, vocabulary=size), arguments.seconds)
        point = Point("vocabulary", size)
        wide.measure(point, drawn, 2, 10, True)
        points.append(told(point))
    draw(points, arguments.out / "growth.png")
    Report(
        "growth",
        "How a question grows",
        Machine.here("matplotlib"),
        {
            "questions a point": arguments.questions,
            "seconds at most": arguments.seconds,
            "seed": arguments.seed,
        },
        [table(points)],
        [asdict(point) for point in points],
        notes=[
            "Unless varied: 2 hops, 10 beams, a vocabulary of 16,000; the star is asked with 1 hop. Tables "
            "of a graph are made beforehand, for both ways. The published way is the one without the detour."
        ],
        pictures=["growth.png"],
    ).write(arguments.out)


def gave_up(points: Sequence[Point], panel: str) -> bool:
    """Whether the published way finished no question with a smaller value."""
    return any(point.panel == panel and not point.published for point in points)


def told(point: Point) -> Point:
    print(f"{point.panel} {point.value:,}: {point.failure or 'done'}", flush=True)
    return point


def hub(degree: int, names: Sequence[str]) -> IndexedGraph:
    """A star: one entity with so many neighbours, whose names are two to four words of others."""
    words = sorted({word for name in names for word in name.split()})
    generator = random.Random(degree)
    found: dict[str, None] = {}
    while len(found) < degree:
        found[" ".join(generator.choices(words, k=generator.randint(2, 4)))] = None
    return GraphBuilder.of(Triple(HUB, "leads_to", name) for name in found)


def table(points: Sequence[Point]) -> Table:
    rows = [
        [
            point.panel,
            point.value,
            point.questions,
            median(point.ours),
            median(point.passes),
            median(point.published),
            median(point.published_passes),
            median(point.paths),
            point.failure or ("" if point.published else "not tried"),
        ]
        for point in points
    ]
    columns = (
        "varied", "value", "questions", "our engine, s", "passes", "published, s", "passes", "paths listed",
        "published, not finished",
    )  # fmt: skip
    return Table(columns, rows, "Medians, a question; of the published way over those it finished.")


def draw(points: Sequence[Point], file: Path) -> None:
    """Four panels: seconds of both ways as lines, our passes as dots."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import StrMethodFormatter

    file.parent.mkdir(parents=True, exist_ok=True)
    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8), layout="constrained", sharey=True)
    for axis, panel in zip(axes.flat, PANELS, strict=True):
        own = [point for point in points if point.panel == panel]
        axis.plot(*_line(own, "ours"), marker="o", color="tab:blue", label="our engine, seconds")
        axis.plot(*_line(own, "published"), marker="s", color="tab:red", label="published, seconds")
        axis.set_yscale("log")
        axis.yaxis.set_tick_params(labelleft=True)
        axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_xscale("linear" if panel == "hops" else "log")
        axis.set_xticks([point.value for point in own], minor=False)
        axis.minorticks_off()
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axis.tick_params("x", labelsize="small")
        axis.set_xlabel(panel)
        axis.set_ylabel("seconds a question")
        axis.grid(alpha=0.3)
        passes = axis.twinx()
        passes.plot(*_line(own, "passes"), "k:", marker=".", label="our engine, passes")
        passes.set_ylabel("forward passes")
        passes.set_ylim(0, MOST_PASSES)
        lines = [*axis.get_lines(), *passes.get_lines()]
    figure.legend(lines, [line.get_label() for line in lines], loc="outside upper center", ncols=len(lines))
    figure.savefig(file, dpi=130)
    pyplot.close(figure)


def _line(points: Sequence[Point], what: str) -> tuple[list[int], list[float]]:
    return [one.value for one in points if getattr(one, what)], list(_medians(points, what))


def _medians(points: Sequence[Point], what: str) -> Iterator[float]:
    for point in points:
        middle = median(getattr(point, what))
        if middle is not None:
            yield middle


def _prompt(asked: Asked) -> Prompt:
    return Prompt(asked.question, (asked.topic,), "path")


if __name__ == "__main__":
    main()
