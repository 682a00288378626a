"""The files that the tables give, and those on disk that differ from them."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.atlas.facts import build_atlas
from scripts.atlas.questions import question_records
from scripts.atlas.report import graph_counts, question_counts, spelling_notes, untrained_relations
from scripts.atlas.tables import read_tables
from scripts.atlas.templates import SPLITS, read_templates
from scripts.atlas.turtle import turtle
from scripts.atlas.values import check_values, relation_comments

GRAPH_FOLDER = Path("graphs/atlas")
QUESTION_FOLDER = Path("data/atlas")


def built_files(root: Path) -> tuple[dict[Path, str], list[str]]:
    """What the tables under this root give: text by file, and lines to print about it.

    Nothing is written. Raises `AtlasError` with everything that is wrong with the tables.
    """
    tables = read_tables(root / GRAPH_FOLDER / "source")
    atlas = build_atlas(tables)
    templates = read_templates(read_tables(root / QUESTION_FOLDER / "source"), atlas)
    records = question_records(atlas, templates)

    # After the questions about paths: these are drawn by chance, and every new value would change them.
    values = read_tables(root / GRAPH_FOLDER / "values")
    check_values(values, atlas)
    atlas = build_atlas([*tables, *values])
    atlas.comments = relation_comments(values)
    files = {root / GRAPH_FOLDER / "atlas.ttl": turtle(atlas)}
    for split in SPLITS:
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records[split]]
        files[root / QUESTION_FOLDER / f"{split}.jsonl"] = "".join(lines)
    notes = [*spelling_notes(atlas), *untrained_relations(templates)]
    return files, [*notes, *graph_counts(atlas), *question_counts(records)]


def changed_files(files: dict[Path, str]) -> list[Path]:
    """Those of the files that are missing, or hold other bytes than this text."""
    return [path for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()]
