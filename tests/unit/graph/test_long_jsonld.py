"""Long files of JSON-LD are read in pieces, and say the same as when they are read whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kgqa.errors import ParseError
from kgqa.graph import GraphBuilder, Triple
from kgqa.graph.readers import read
from kgqa.graph.readers.streams import jsonld_chunks as chunks_module

CONTEXT = {
    "@vocab": "http://x/",
    "id": "@id",
    "kind": {"@id": "@type"},
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "knows": {"@type": "@id"},
    "at": {"@id": "http://x/at", "@context": {"sort": "@type"}},
}
ENTRIES: list[dict[str, Any]] = [
    {
        "id": "http://e/1",
        "label": "Ann \u20ac \u00fc \U0001f600",
        "kind": ["Person", "Actor"],
        "born": 1964,
        "none": None,
    },
    {"label": "Bob", "knows": "http://e/1", "id": "http://e/2", "@type": "Person", "high": 1.85, "no": None},
    {"id": "http://e/3", "at": {"place": "Oslo", "sort": "Stay"}, "list": {"@list": ["a", {"b": "c"}]}},
    {
        "id": "http://e/4",
        "text": [{"@value": "hei", "@language": "no"}, 'a "quoted" ] } , [ {'],
        "none": None,
    },
    {"@graph": [{"id": "http://e/6", "kind": "Thing"}], "id": "http://g/1"},
    {"@context": {"a": "@type"}, "id": "http://e/7", "p": {"id": "http://e/8", "a": "Deep"}},
    {"id": "http://e/9", "@reverse": {"knows": {"id": "http://e/1", "kind": "Person"}}, "yes": True},
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks_module, "WHOLE", 10)
    monkeypatch.setattr(chunks_module, "CHUNK", 7)


def facts(path: Path) -> set[Triple]:
    return set(GraphBuilder.of(read(path, "jsonld")))


def whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> set[Triple]:
    with monkeypatch.context() as patch:
        patch.setattr(chunks_module, "WHOLE", 2**20)
        return facts(path)


def without_blanks(triples: Iterable[Triple]) -> list[tuple[str, ...]]:
    return sorted(tuple("_:" if part.startswith("_:") else part for part in triple) for triple in triples)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "document",
    [
        {"@context": CONTEXT, "@graph": ENTRIES},
        {"@context": [CONTEXT, {"more": "http://x/more"}], "@graph": []},
        {"id": "http://g/0", "@context": CONTEXT, "@graph": ENTRIES},
        [{"@context": CONTEXT, **entry} for entry in ENTRIES],
        [],
        {"@graph": ENTRIES, "@context": CONTEXT},
        {"@context": CONTEXT, **ENTRIES[0]},
        {"@context": CONTEXT, "@graph": ENTRIES[0]},
    ],
    ids=["graph", "empty", "named", "list", "no entries", "context behind", "one node", "one in graph"],
)
def test_pieces_say_what_the_whole_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: object, indent: int | None
) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text("\ufeff" + json.dumps(document, ensure_ascii=indent is None, indent=indent), "utf-8")
    assert without_blanks(facts(path)) == without_blanks(whole(path, monkeypatch))


def test_long_files_are_not_given_to_the_parser_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    for document, is_in_pieces in (
        ({"@context": CONTEXT, "@graph": ENTRIES}, True),
        (ENTRIES, True),
        ({"@graph": ENTRIES, "@context": CONTEXT}, False),
    ):
        path.write_text(json.dumps(document))
        with path.open("rb") as stream:
            in_pieces, chunks = chunks_module.jsonld_chunks(stream, path)
            assert in_pieces is is_in_pieces
            assert len(list(chunks)) > 7


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('[{"@id": "http://e/1"},\n{"@id": "http://e/2"', 2, "in the value that begins here"),
        ('[{"@id": "http://e/1"}\n{"@id": "http://e/2"}]', 2, "',' is missing"),
        ('[{"@id": "http://e/1"},\n\n nonsense]', 3, "Expecting value"),
        ('[{"@id": "http://e/1"}]\n]', 2, "behind its end"),
        ('[{"@id": "http://e/1"},', 1, "Expecting value"),
        ('{"@context": {},\n"@graph": [{"@id": "http://e/1"}],\n"@id": "http://g"}', 2, "behind @graph"),
        ('{"@context": {},\n"@graph": [{"@id": "http://e/1"}]', 2, "truncated"),
        ('{"@context": {} "@graph": []}          ', 0, "not jsonld"),
        ("nonsense, but long", 0, "not jsonld"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(
    tmp_path: Path, content: str, line: int, reason: str
) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text(content, "utf-8")
    with pytest.raises(ParseError, match=reason) as raised:
        facts(path)
    if line:
        assert raised.value.line == line


def test_broken_files_are_errors_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    content = json.dumps({"@context": CONTEXT, "@graph": ENTRIES}, indent=1).encode()
    rng = random.Random(3)
    read_well = 0
    for _ in range(300):
        broken = bytearray(content)
        for _ in range(rng.randint(1, 3)):
            broken[rng.randrange(len(broken))] = rng.choice(b'{}[]",:\x00\xff1a ')
        path.write_bytes(broken[: rng.choice([len(broken), rng.randrange(len(broken))])])
        try:
            facts(path)
        except ParseError:
            continue
        read_well += 1
    assert 0 < read_well < 300


MEASURE = """
import sys
from pathlib import Path
from kgqa.graph.readers import read
path = Path(sys.argv[1])
count = sum(1 for _ in read(path))
# not ru_maxrss, which a new process has from the one that started it
(peak,) = (row.split()[1] for row in Path('/proc/self/status').open() if row.startswith('VmHWM'))
print(count, peak)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(entries: int) -> int:
        path = tmp_path / f"{entries}.jsonld"
        with path.open("w") as stream:
            stream.write('{"@context": {"@vocab": "http://x/"}, "@graph": [')
            for number in range(entries):
                entry = {"@id": f"http://e/{number}", "@type": "Thing", "number": number, "text": "x" * 100}
                stream.write(("," if number else "") + json.dumps(entry))
            stream.write("]}")
        run = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
        )
        count, kilobytes = map(int, run.stdout.split())
        assert count > entries
        return kilobytes

    # 6 and 12 MB, of which the whole would take 100 MB more
    assert peak(80_000) - peak(40_000) < 30_000


@pytest.mark.parametrize("head", [{"@id": "http://g/1"}, {"http://x/date": "2020"}, {}])
def test_the_pieces_of_a_named_graph_are_one_source(tmp_path: Path, head: dict[str, str]) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps({"@context": CONTEXT, **head, "@graph": ENTRIES[:4]}), "utf-8")
    graph = GraphBuilder.of(read(path))
    of_graph = len(graph) - ("http://x/date" in head)
    assert list(graph.source_counts().values()) == ([of_graph] if head else [])
    if "@id" in head:
        assert set(graph.source_counts()) == {head["@id"]}
