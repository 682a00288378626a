"""Modules of the page on random input: streams in any pieces, places for boxes, names in boxes."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from chromium import Chromium
from unit.report.made_runs import HOSTILE

pytestmark = pytest.mark.slow

READ = """
const [streams, done] = arguments;
const real = window.fetch;
import('/page/parts/client.js').then(async ({ events }) => {
  const found = [];
  for (const { pieces } of streams) {
    const bytes = pieces.map((piece) => Uint8Array.from(atob(piece), (letter) => letter.charCodeAt(0)));
    window.fetch = async () => new Response(new ReadableStream({ start(controller) {
      for (const each of bytes) controller.enqueue(each);
      controller.close();
    } }));
    const told = [];
    for await (const event of events('made', {}, undefined)) told.push(event);
    found.push(told);
  }
  window.fetch = real;
  done(found);
}, (error) => done(String(error)));
"""
PLACE = """
const [cases, done] = arguments;
import('/page/graph/placement.js').then(({ placesAround }) => done(cases.map(({ middle, boxes, taken }) =>
  placesAround(middle, boxes, taken))), (error) => done(String(error)));
"""
FIT = """
const [texts, done] = arguments;
import('/page/graph/label_box.js').then(({ labelBox }) => done(texts.map((text) => labelBox(text))));
"""


def event(told: dict[str, Any], end: str) -> bytes:
    data = json.dumps(told["data"], ensure_ascii=False)
    return f"event: {told['event']}{end}data: {data}{end}{end}".encode("utf-8", "replace")


def test_events_are_read_in_whatever_pieces_they_arrive(page: Chromium) -> None:
    draw = random.Random(2)
    streams, wanted = [], []
    for _ in range(60):
        sent = [
            {
                "event": draw.choice(["chain", "answer", "error"]),
                "data": draw.choice([*HOSTILE, {"a": [1, None]}]),
            }
            for _ in range(draw.randint(0, 5))
        ]
        end = draw.choice(["\n", "\r\n"])
        text = b"".join(event(each, end) for each in sent)
        cuts = sorted(draw.randrange(len(text) + 1) for _ in range(draw.randint(0, 9)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        streams.append({"pieces": [base64.b64encode(piece).decode() for piece in pieces if piece]})
        wanted.append(sent)
    assert page.driver.execute_async_script(READ, streams) == wanted


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    across, up = abs(a["x"] - b["x"]), abs(a["y"] - b["y"])
    return across < (a["width"] + b["width"]) / 2 and up < (a["height"] + b["height"]) / 2


def test_neighbours_stand_where_nothing_else_does(page: Chromium) -> None:
    draw = random.Random(3)

    def box() -> dict[str, float]:
        return {
            "width": draw.choice([14, 48, draw.randint(40, 190)]),
            "height": draw.choice([14, 30, 47, 64]),
        }

    cases: list[dict[str, Any]] = []
    for count in [0, 1, 2, 7, 50, 200] * 4:
        middle = {"x": draw.uniform(-500, 500), "y": draw.uniform(-500, 500)}
        taken = [{**middle, **box()}]
        taken += [
            {"x": draw.uniform(-900, 900), "y": draw.uniform(-600, 600), **box()} for _ in range(count // 2)
        ]
        cases.append({"middle": middle, "taken": taken, "boxes": [box() for _ in range(count)]})
    for case, places in zip(cases, page.driver.execute_async_script(PLACE, cases), strict=True):
        assert len(places) == len(case["boxes"])
        placed = [{**place, **box} for place, box in zip(places, case["boxes"], strict=True)]
        for at, one in enumerate(placed):
            assert not any(overlap(one, other) for other in [*case["taken"], *placed[:at]])


def test_a_name_of_any_length_fits_its_box(page: Chromium) -> None:
    texts = [*HOSTILE, "a " * 500, "Llanfair" * 30, "東京" * 300, "\u0301" * 50, "👩‍👩‍👧‍👦" * 40]
    for text, box in zip(texts, page.driver.execute_async_script(FIT, texts), strict=True):
        assert box["width"] <= 220, text
        assert box["height"] <= 80, text
        assert len(box["lines"]) <= 3, text
