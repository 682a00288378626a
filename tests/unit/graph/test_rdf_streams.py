"""RDF is read in pieces: what is on two sides of a cut is read as one, and little is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kgqa.errors import ParseError
from kgqa.graph import Triple
from kgqa.graph.readers import SkipReport, rdf_star, read
from kgqa.graph.readers.streams import xml_chunks as pieces

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def triples(path: Path, report: SkipReport | None = None) -> list[Triple]:
    return [s for s in read(path, report=report) if isinstance(s, Triple)]


def xml(body: str, declarations: str = "", head: str = "") -> str:
    doctype = f"<!DOCTYPE rdf:RDF [{declarations}]>\n" if declarations else ""
    return f'{head}{doctype}<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="urn:e:">\n{body}\n</rdf:RDF>'


def described(count: int, text: str = "Malmö") -> str:
    return "\n".join(
        f'<rdf:Description rdf:about="urn:a{n}"><e:says>{text}{n}</e:says></rdf:Description>'
        for n in range(count)
    )


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_xml_is_the_same_however_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, encoding: str
) -> None:
    path = tmp_path / "a.rdf"
    entity = "" if encoding == "utf-16" else '<!ENTITY city "Malmö">'
    text = "Malmö" if encoding == "utf-16" else "&city;"
    content = xml(described(20, text), entity, f'<?xml version="1.0" encoding="{encoding}"?>\n')
    path.write_bytes(content.encode(encoding))
    whole = triples(path)
    assert Triple("urn:a7", "urn:e:says", '"Malmö7"') in whole
    monkeypatch.setattr(pieces, "HEAD", 400)
    monkeypatch.setattr(pieces, "CHUNK", chunk)
    assert triples(path) == whole


@pytest.mark.parametrize("chunk", [1, 5, 64])
def test_entities_are_counted_and_declarations_seen_across_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(pieces, "HEAD", 200)
    monkeypatch.setattr(pieces, "CHUNK", chunk)
    monkeypatch.setattr("kgqa.graph.readers.streams.xml_entities.FREE_EXPANSION", 1000)
    path = tmp_path / "a.rdf"
    path.write_text(
        xml(described(30, "&x;" * 9), '<!ENTITY x "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx">')
    )
    with pytest.raises(ParseError, match="expand to"):
        triples(path)
    fits = xml(described(30, "&x;" * 3), f'<!ENTITY x "{"x" * 40}">')
    path.write_text(fits)
    assert len(triples(path)) == 30
    path.write_text(xml(described(30) + '<!ENTITY y "y">'))
    with pytest.raises(ParseError, match="inside its content"):
        triples(path)


@pytest.mark.parametrize("name", ["a.ttl", "a.rdf", "a.nt"])
def test_bytes_that_are_no_utf_8_are_refused_far_into_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = "".join(f"<urn:a{n}> <urn:p> <urn:b> .\n" for n in range(5000))
    content = xml(described(5000)).encode() if name == "a.rdf" else lines.encode()
    wrong = {"a.ttl": b'<urn:a> <urn:p> "\xff" .\n', "a.nt": b'<urn:a> <urn:p> "\xff" .\n', "a.rdf": b"\xff"}
    path.write_bytes(content.replace(b"</rdf:RDF>", b"") + wrong[name])
    with pytest.raises(ParseError) as raised:
        triples(path)
    assert name == "a.rdf" or raised.value.line == 5001
    assert name == "a.rdf" or "not UTF-8" in str(raised.value)


def test_an_error_far_into_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("".join(f"<urn:a{n}> <urn:p> <urn:b> .\n" for n in range(20_000)) + "<urn:a> <urn:p> .\n")
    found: list[object] = []
    with pytest.raises(ParseError) as raised:
        found.extend(read(path))
    assert raised.value.line == 20_001


def test_lines_of_a_wrong_block_are_read_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    good = [f"<urn:a{n}> <urn:p> <urn:b> ." for n in range(1200)]
    path.write_text("\n".join([*good[:700], "what", *good[700:]]) + "\n", "utf-8")
    report = SkipReport(limit=1)
    assert [t.head for t in triples(path, report)] == [f"urn:a{n}" for n in range(1200)]
    assert [skip.line for skip in report] == [701]


def test_a_pipe_of_turtle_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = b"".join(b"<urn:a%d> <urn:p> <urn:b> .\n" % n for n in range(5000))
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert sum(isinstance(s, Triple) for s in read(pipe, "turtle")) == 5000
    writer.join()


# What is said about facts that are far away ---------------------------------------------------------

FACT = "<urn:a> <urn:knows> <urn:b> .\n"
ABOUT = f"<urn:r> <{RDF}reifies> <<( <urn:a> <urn:knows> <urn:b> )>> .\n"
SINCE = '<urn:r> <urn:since> "1990" .\n'
FILLER = "".join(f"[] <urn:p> <urn:y{n}> .\n" for n in range(20))


@pytest.mark.parametrize("name", ["a.ttl", "a.nt"])
@pytest.mark.parametrize(
    "parts",
    [
        (FACT, ABOUT, SINCE),
        (FACT, FILLER, ABOUT, FILLER, SINCE),
        (SINCE, FILLER, FACT, FILLER, ABOUT),
        (ABOUT, FILLER, SINCE, FILLER, FACT),
        (SINCE, FILLER, ABOUT, FILLER, FACT),
    ],
)
def test_a_fact_and_what_is_said_about_it_may_be_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: tuple[str, ...], name: str
) -> None:
    monkeypatch.setattr(rdf_star, "WINDOW", 3)
    path = tmp_path / name
    content = "".join(parts)
    if name == "a.nt":
        for n in range(content.count("[]")):
            content = content.replace("[]", f"_:x{n}", 1)
    path.write_text(content, "utf-8")
    report = SkipReport()
    found = triples(path, report)
    assert report.notes == []
    assert [t.tail for t in found if t.relation == "urn:knows~statement"] == ["urn:r"]


@pytest.mark.parametrize("filler", ["", FILLER])
def test_what_is_no_fact_of_the_file_is_never_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filler: str
) -> None:
    monkeypatch.setattr(rdf_star, "WINDOW", 3)
    path = tmp_path / "a.ttl"
    path.write_text(FACT.replace("b>", "c>") + filler + ABOUT + filler + SINCE, "utf-8")
    report = SkipReport()
    assert not [t for t in triples(path, report) if "knows~" in t.relation]
    assert "1 statement about a statement" in report.notes[0]


def test_annotated_nodes_without_a_name_are_found_in_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdf_star, "WINDOW", 2)
    path = tmp_path / "a.ttl"
    path.write_text(f"{FILLER}_:x <urn:knows> [] {{| <urn:since> 1990 |}} .\n{FILLER}{FACT}", "utf-8")
    found = triples(path)
    (known,) = [t for t in found if t.relation == "urn:knows" and t.head.startswith("_:x")]
    (statement,) = [t for t in found if t.relation == "urn:knows~statement"]
    assert Triple(statement.tail, f"{RDF}object", known.tail) in found


# Memory ------------------------------------------------------------------------------------------------

MEASURE = """
from pathlib import Path
from kgqa.graph.readers import read
def peak():  # not ru_maxrss, which a new process has from the one that started it
    (row,) = (row for row in Path('/proc/self/status').open() if row.startswith('VmHWM'))
    return int(row.split()[1])
for _ in read({small!r}): pass
before = peak()
count = sum(1 for _ in read({large!r}))
print(count, (peak() - before) // 1024)
"""


def turtle(count: int) -> str:
    return "".join(
        f'<http://example.org/entity/{n}> <http://example.org/relation/says> "text number {n}", "{n % 9}" .\n'
        for n in range(count)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.ttl", "a.trig", "a.nq", "a.rdf"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    def content(count: int) -> str:
        text = turtle(count)
        if name == "a.nq":
            return text.replace(', "', ' .\n<urn:x> <urn:y> "')
        return xml(described(count, "text number ")) if name == "a.rdf" else text

    small, large = tmp_path / "small" / name, tmp_path / "large" / name
    for path, count in ((small, 20_000), (large, 300_000)):
        path.parent.mkdir()
        path.write_text(content(count), "utf-8")
    code = MEASURE.format(small=str(small), large=str(large))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count > 600_000
    assert grown < 60, f"{grown} MiB more for a file of {large.stat().st_size >> 20} MiB"
