"""Build the minimal pairs: small invented graphs, each with questions that are easily read wrongly.

    python scripts/build_minimal_pairs.py            # write data/minimal-pairs/pairs.jsonl
    python scripts/build_minimal_pairs.py --check    # exit 1 if that file differs

`data/minimal-pairs/README.md` describes the source and the file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from scripts.pairs.source_text import Asked, PairsError, SmallGraph, read_source

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("data/minimal-pairs")
KINDS = ("direction", "class", "names", "absent")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the questions under this root; the exit status."""
    parser = argparse.ArgumentParser(description="Build the minimal pairs.")
    parser.add_argument(
        "--check", action="store_true", help="exit 1 if the file is not what would be written"
    )
    options = parser.parse_args(arguments)
    try:
        records = list(built_records(root))
    except PairsError as error:
        print(error, file=sys.stderr)
        return 1
    by_kind = Counter(str(record["kind"]) for record in records)
    print(f"{len(records)} questions: {', '.join(f'{kind} {count}' for kind, count in by_kind.items())}")
    file = root / FOLDER / "pairs.jsonl"
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    if file.is_file() and file.read_bytes() == text.encode():
        return 0
    if options.check:
        complaint = "is not what its source gives: run scripts/build_minimal_pairs.py"
        print(f"{file.relative_to(root)} {complaint}", file=sys.stderr)
        return 1
    file.write_bytes(text.encode())
    return 0


def built_records(root: Path) -> Iterator[dict[str, object]]:
    """The questions in RoG's form, each with its graph."""
    for kind in KINDS:
        for graph in read_source(root / FOLDER / "source" / f"{kind}.txt"):
            for number, asked in enumerate(graph.asked, 1):
                yield {
                    "id": f"{kind}-{graph.name}-{number}",
                    "kind": "present" if kind == "absent" and asked.answers else kind,
                    "side": side(asked, graph),
                    "question": asked.question,
                    "q_entity": [asked.topic],
                    "answer": list(asked.answers),
                    "graph": [list(fact) for fact in graph.facts],
                }


def side(asked: Asked, graph: SmallGraph) -> str:
    """Whether the answers lie along the facts of the topic, against them, or there are none."""
    if not asked.answers:
        return "none"
    along = {tail for head, _, tail in graph.facts if head == asked.topic}
    return "along" if along.issuperset(asked.answers) else "against"


if __name__ == "__main__":
    sys.exit(main())
