"""Build the operator questions about the atlas: fill their templates, ask the graph, write the answers.

    python scripts/build_operator_questions.py            # write data/atlas/operators_{train,dev,test}.jsonl
    python scripts/build_operator_questions.py --check    # exit 1 if those files differ

The graph is read from graphs/atlas/atlas.ttl (see build_atlas.py); pyoxigraph answers the queries.
`data/atlas/README.md` describes the templates and the files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from scripts.atlas.facts import build_atlas
from scripts.atlas.files import GRAPH_FOLDER, QUESTION_FOLDER, changed_files
from scripts.atlas.operator_records import operator_records
from scripts.atlas.operator_templates import operator_questions
from scripts.atlas.tables import AtlasError, read_tables
from scripts.atlas.templates import SPLITS

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the operator questions under this root; the exit status."""
    parser = argparse.ArgumentParser(description="Build the operator questions about the atlas.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a file is not what would be written")
    options = parser.parse_args(arguments)
    try:
        records = built_records(root)
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    files = {
        root / QUESTION_FOLDER / f"operators_{split}.jsonl": "".join(
            json.dumps(record, ensure_ascii=False) + "\n" for record in records[split]
        )
        for split in SPLITS
    }
    print("\n".join(counts(records)))
    changed = changed_files(files)
    if options.check:
        for path in changed:
            complaint = "is not what the templates give: run scripts/build_operator_questions.py"
            print(f"{path.relative_to(root)} {complaint}", file=sys.stderr)
        return 1 if changed else 0
    for path in changed:
        path.write_bytes(files[path].encode())
    return 0


def built_records(root: Path) -> dict[str, list[dict[str, object]]]:
    """The questions of every part under this root."""
    atlas = build_atlas(read_tables(root / GRAPH_FOLDER / "source"))
    templates = read_tables(root / QUESTION_FOLDER / "source" / "operators")
    graph = (root / GRAPH_FOLDER / "atlas.ttl").read_text("utf-8")
    return operator_records(operator_questions(templates, atlas), graph)


def counts(records: dict[str, list[dict[str, object]]]) -> list[str]:
    """The number of questions of every part, by operator."""
    lines = []
    for split, questions in records.items():
        operators = Counter(name for question in questions for name in as_names(question["operators"]))
        by_operator = ", ".join(f"{name} {count}" for name, count in operators.most_common())
        lines.append(f"{split:<6} {len(questions)} questions: {by_operator}")
    return lines


def as_names(value: object) -> list[str]:
    """The names in a field of a record."""
    return [str(name) for name in value] if isinstance(value, list) else []


if __name__ == "__main__":
    sys.exit(main())
