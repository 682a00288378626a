"""Time and memory of reading a made-up dump of Wikidata, as JSON or as full RDF.

`python eval/bench/wikidata_dump.py 200000` writes a dump of so many entities (seeded) to a temporary folder,
reads it in a process of its own, and prints the size of the file, seconds of processor time, statements, and
the growth of memory.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

READ = """
import resource, sys, time
from kgqa.graph.readers import SkipReport, read
for _ in read(sys.argv[1]): pass
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
count = sum(1 for _ in read(sys.argv[2], report=SkipReport()))
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(f"{time.process_time() - start:.1f} s, {count:,} statements, {grown:.0f} MiB more than for 1,000")
"""
LANGUAGES = ("en", "de", "fr", "ja", "ar")
WD = "http://www.wikidata.org/entity/"
PROP = "http://www.wikidata.org/prop/"
ONTOLOGY = "http://wikiba.se/ontology#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entities", type=int)
    entities: int = parser.parse_args().entities
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (("dump.json", json_lines), ("dump.nt", rdf_lines)):
            paths = [Path(folder) / f"{size}-{name}" for size in (1_000, entities)]
            for path, size in zip(paths, (1_000, entities), strict=True):
                with path.open("w", encoding="utf-8") as stream:
                    stream.writelines(lines(size))
            done = subprocess.run(
                [sys.executable, "-c", READ, *map(str, paths)], capture_output=True, text=True, check=True
            )
            print(f"{name}: {paths[1].stat().st_size >> 20} MiB, {done.stdout.strip()}")


def facts(size: int) -> Iterator[tuple[int, list[tuple[int, int]], tuple[int, int, int]]]:
    """Entities with their links (property, entity) and a day."""
    chance = random.Random(17)
    for number in range(1, size + 1):
        links = [(chance.randint(1, 40), chance.randint(1, size)) for _ in range(8)]
        yield number, links, (chance.randint(1500, 2020), chance.randint(1, 12), chance.randint(1, 28))


def json_lines(size: int) -> Iterator[str]:
    yield "["
    for number, links, day in facts(size):
        labels = {tag: {"language": tag, "value": f"entity {number} {tag}"} for tag in LANGUAGES}
        claims: dict[str, list[object]] = {}
        date = {
            "time": "+{:04}-{:02}-{:02}T00:00:00Z".format(*day),
            "precision": 11,
            "calendarmodel": f"{WD}Q1985727",
        }
        values = [
            (50 + prop, {"value": {"id": f"Q{end}"}, "type": "wikibase-entityid"}) for prop, end in links
        ]
        for place, (prop, value) in enumerate([(1, {"value": date, "type": "time"}), *values]):
            snak = {"snaktype": "value", "property": f"P{prop}", "datavalue": value}
            claim = {"mainsnak": snak, "id": f"Q{number}${place}", "rank": "normal"}
            if place == 1:
                since = {**snak, "property": "P2", "datavalue": {"value": date, "type": "time"}}
                claim["qualifiers"] = {"P2": [since]}
            claims.setdefault(f"P{prop}", []).append(claim)
        item = {"type": "item", "id": f"Q{number}", "labels": labels, "claims": claims}
        yield f"{',' if number > 1 else ''}\n{json.dumps(item)}"
    yield "\n]\n"


def rdf_lines(size: int) -> Iterator[str]:
    for number, links, day in facts(size):
        subject = f"<{WD}Q{number}>"
        for tag in LANGUAGES:
            yield f'{subject} <http://www.w3.org/2000/01/rdf-schema#label> "entity {number} {tag}"@{tag} .\n'
        date = '"{:04}-{:02}-{:02}T00:00:00Z"'.format(*day) + f"^^<{XSD}dateTime>"
        value = f"<http://www.wikidata.org/value/{'-'.join(map(str, day))}>"
        yield f'{value} <{ONTOLOGY}timePrecision> "11"^^<{XSD}integer> .\n'
        tails = [(1, date), *((50 + p, f"<{WD}Q{end}>") for p, end in links)]
        for place, (prop, tail) in enumerate(tails):
            node = f"<{WD}statement/Q{number}-{place}>"
            yield f"{subject} <{PROP}direct/P{prop}> {tail} .\n{subject} <{PROP}P{prop}> {node} .\n"
            yield f"{node} <{ONTOLOGY}rank> <{ONTOLOGY}NormalRank> .\n"
            yield f"{node} <{PROP}statement/P{prop}> {tail} .\n"
            if place == 0:
                yield f"{node} <{PROP}statement/value/P1> {value} .\n"
            if place == 1:
                yield f"{node} <{PROP}qualifier/P2> {date} .\n{node} <{PROP}qualifier/value/P2> {value} .\n"


if __name__ == "__main__":
    main()
