"""Translate the gold forms of question sets into programs, each checked against the gold answers.

Writes JSON lines: set, part, graph, id, question, topics, text of the program, and the program itself; and
prints how many questions of each set and part have one, and why the others have none.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kgqa.program import Named, Program, program_text
from kgqa.program.json_form import program_to_dict
from scripts.programs.gold import questions, translate
from scripts.programs.question_sets import graph_file
from scripts.programs.world import open_world

SETS = ("geoquery", "spider", "overnight")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("-o", "--output", type=Path, required=True, help="JSON lines to write")
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--all-rows", action="store_true", help="also rows of overnight that are not clean")
    arguments = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    with arguments.output.open("w", encoding="utf-8") as out:
        for set_name in arguments.sets:
            for row in questions(arguments.data, set_name):
                if not arguments.all_rows and row.get("clean") is False:
                    continue
                found = translate(arguments.data, set_name, row)
                counts[set_name, row["split"], found.reason or "translated"] += 1
                if found.program is not None:
                    graph = open_world(graph_file(arguments.data, set_name, found.graph)).graph
                    record = {
                        "set": set_name,
                        "part": row["split"],
                        "graph": found.graph,
                        "id": row["id"],
                        "question": row["question"],
                        "topics": topics(found.program),
                        "text": program_text(found.program, graph),
                        "program": program_to_dict(found.program),
                        "empty": not row["answers"],
                        "tries": found.tries,
                    }
                    print(json.dumps(record, ensure_ascii=False), file=out)
    for (set_name, part, reason), count in sorted(counts.items(), key=lambda item: (item[0][:2], -item[1])):
        print(f"{set_name:10} {part:6} {count:6}  {reason}")


def topics(program: Program) -> list[str]:
    return (
        [node for group in program.start.groups for node in group] if isinstance(program.start, Named) else []
    )


if __name__ == "__main__":
    main()
