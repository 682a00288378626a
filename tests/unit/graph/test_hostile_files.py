"""Small files that would grow without bound: XML entities, gzip data. All are refused in bounded memory."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from kgqa.errors import ParseError
from kgqa.graph import Triple
from kgqa.graph.readers import read

MEMORY = 1200 * 2**20
"""Of address space; Python with numpy, networkx, rdflib and pyoxigraph loaded takes about half of it."""

READ = """
import resource, sys
import networkx, numpy, pyarrow.parquet, pyoxigraph, rdflib
from kgqa.errors import KgqaError
from kgqa.graph.readers import read
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
for path in sys.argv[1:]:
    try:
        print(sum(1 for _ in read(path)), "statements", flush=True)
    except KgqaError as error:
        print("refused:", error, flush=True)
"""

BODIES = {
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
    '<rdf:Description rdf:about="urn:a"><e:says>{text}</e:says></rdf:Description></rdf:RDF>',
    "graphml": '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="d0" for="edge" attr.name="relation" attr.type="string"/><graph edgedefault="directed">'
    '<node id="a"/><node id="b"/><edge source="a" target="b"><data key="d0">{text}</data></edge>'
    "</graph></graphml>",
    "gexf": '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed">'
    '<nodes><node id="a" label="{text}"/><node id="b" label="b"/></nodes>'
    '<edges><edge id="0" source="a" target="b" label="r"/></edges></graph></gexf>',
}


def read_in_bounds(paths: list[Path]) -> list[str]:
    """What reading files comes to, in a process with little memory; one line each."""
    code = READ.format(memory=MEMORY)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def document(kind: str, declarations: str, text: str) -> str:
    root = BODIES[kind].partition(" ")[0].removeprefix("<")
    return f"<!DOCTYPE {root} [{declarations}]>\n" + BODIES[kind].format(text=text)


NESTED = '<!ENTITY a0 "lollollollol">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
)
LARGE = f'<!ENTITY big "{"x" * 100_000}">'
MANY = f'<!ENTITY long "{"x" * 1900}">'
BOMBS = {
    "nested": (NESTED, "&a9;"),
    "one large entity": (LARGE, "&big;" * 100_000),
    "many references": (MANY, "&long;" * 1_000_000),
    "parameter": ('<!ENTITY % p "x"> %p;', "x"),
    "external": ('<!ENTITY outside SYSTEM "file:///etc/passwd">', "&outside;"),
    "public": ('<!ENTITY outside PUBLIC "-//X//Y" "http://127.0.0.1:9/secret">', "&outside;"),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("bomb", BOMBS)
def test_xml_entities_that_grow_are_refused_in_one_line_that_names_the_file(
    tmp_path: Path, kind: str, bomb: str
) -> None:
    path = tmp_path / f"bomb.{kind}"
    path.write_text(document(kind, *BOMBS[bomb]), "utf-8")
    with pytest.raises(ParseError, match=r"XML entit(y|ies).*refused") as raised:
        list(read(path))
    assert raised.value.source == str(path)
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no bound on memory there")
def test_xml_entities_that_grow_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    paths = []
    for kind in BODIES:
        for bomb, content in BOMBS.items():
            paths.append(tmp_path / f"{bomb}.{kind}")
            paths[-1].write_text(document(kind, *content), "utf-8")
    outcomes = read_in_bounds(paths)
    assert len(outcomes) == len(paths)
    for path, outcome in zip(paths, outcomes, strict=True):
        assert outcome.startswith(f"refused: {path}")


@pytest.mark.parametrize("kind", ["rdf", "graphml"])
def test_default_values_of_attributes_that_grow_are_refused(tmp_path: Path, kind: str) -> None:
    root = BODIES[kind].partition(" ")[0].removeprefix("<")
    path = tmp_path / f"bomb.{kind}"
    elements = "<x/>" * 20_000
    path.write_text(
        f'<!DOCTYPE {root} [<!ATTLIST x y CDATA "{"z" * 10_000}">]>\n' + BODIES[kind].format(text=elements),
        "utf-8",
    )
    with pytest.raises(ParseError, match="expand to 190 MiB"):
        list(read(path))


@pytest.mark.parametrize("kind", BODIES)
def test_declarations_where_none_may_be_and_in_utf16_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bomb.{kind}"
    path.write_text(BODIES[kind].format(text=f"<!DOCTYPE x [{NESTED}]>&a9;"), "utf-8")
    with pytest.raises(ParseError):
        list(read(path))
    path.write_text(document(kind, '<!ENTITY a "b">', "&a;"), "utf-16")
    with pytest.raises(ParseError):
        list(read(path))


def test_entities_that_abbreviate_iris_are_read(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.owl"
    entities = '<!ENTITY xsd "http://www.w3.org/2001/XMLSchema#"><!ENTITY ns "http://example.org/films#">'
    text = "<e:year rdf:datatype='&xsd;integer'>1944</e:year><e:of rdf:resource='&ns;Kismet'/>"
    path.write_text(document("rdf", entities, "").replace("<e:says></e:says>", text), "utf-8")
    triples = {(s.relation, s.tail) for s in read(path) if isinstance(s, Triple)}
    assert triples == {
        ("urn:e:of", "http://example.org/films#Kismet"),
        ("urn:e:year", '"1944"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    }


@pytest.mark.parametrize("kind", BODIES)
def test_an_external_dtd_is_not_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "outside.dtd").write_text('<!ENTITY secret "leaked">', "utf-8")
    root = BODIES[kind].partition(" ")[0].removeprefix("<")
    path = tmp_path / f"a.{kind}"
    doctype = f'<!DOCTYPE {root} SYSTEM "{(tmp_path / "outside.dtd").as_uri()}">\n'
    path.write_text(doctype + BODIES[kind].format(text="harmless"), "utf-8")
    assert "harmless" in str(list(read(path)))
    path.write_text(doctype + BODIES[kind].format(text="&secret;"), "utf-8")
    try:
        found = str(list(read(path)))
    except ParseError as error:
        found = str(error)
    assert "leaked" not in found


FORMATS = ["tsv", "csv", "nt", "rdf", "json", "jsonl", "dat"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no bound on memory there")
@pytest.mark.slow
def test_gzip_data_that_grows_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    paths: list[Path] = []
    lines = (bytes(2**16 - 1) + b"\n") * 16
    for content, forms in ((bytes(2**20), FORMATS), (lines, ("tsv", "jsonl"))):
        bomb = tmp_path / f"bomb{len(paths)}.gz"
        bomb.write_bytes(gzip.compress(content) * 1024)  # 1 GB in about 1 MB
        for form in forms:
            paths.append(tmp_path / f"{bomb.stem}.{form}.gz")
            paths[-1].hardlink_to(bomb)
    outcomes = read_in_bounds(paths)
    assert len(outcomes) == len(paths)
    for path, outcome in zip(paths, outcomes, strict=True):
        assert outcome.startswith(f"refused: {path}")
        assert len(outcome) < len(str(path)) + 300


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.tsv"
    with path.open("wb") as stream:
        stream.truncate(70 * 2**20)  # zeros, without taking room on the disk
    with pytest.raises(ParseError, match="line 1: is longer than 64 MiB"):
        list(read(path))


def test_gzip_data_in_proportion_is_read_however_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgqa.graph.readers.compression.FREE_BYTES", 1000)
    path = tmp_path / "facts.tsv.gz"
    path.write_bytes(gzip.compress("".join(f"a{i}\tr\tb{i * i}\n" for i in range(10_000)).encode()))
    assert sum(1 for _ in read(path)) == 10_000
    path.write_bytes(gzip.compress(b"a\tr\tb\n" * 100_000))
    with pytest.raises(ParseError, match="unpacks to over 200 times its size"):
        list(read(path))


def test_an_encoding_of_any_length_is_refused_in_one_short_line(tmp_path: Path) -> None:
    path = tmp_path / "a.rdf"
    path.write_text(f'<?xml version="1.0" encoding="{"x" * 50_000}"?>\n' + document("rdf", "", "x"), "utf-8")
    with pytest.raises(ParseError, match="not XML") as raised:
        list(read(path))
    assert len(str(raised.value)) < len(str(path)) + 300
