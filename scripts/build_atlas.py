"""Build the atlas: read its tables, check them, and write the graph and its questions.

    python scripts/build_atlas.py            # write graphs/atlas/atlas.ttl, data/atlas/{train,dev,test}.jsonl
    python scripts/build_atlas.py --check    # exit 1 if those files are not what would be written

The same tables always give the same bytes. `graphs/atlas/README.md` describes the tables of facts,
`data/atlas/README.md` the tables of question templates.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from scripts.atlas.files import built_files, changed_files
from scripts.atlas.tables import AtlasError

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the atlas under this root; the exit status."""
    parser = argparse.ArgumentParser(description="Build the atlas graph and its questions from their tables.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a file is not what the tables give")
    options = parser.parse_args(arguments)
    try:
        files, report = built_files(root)
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(report))
    changed = changed_files(files)
    if options.check:
        for path in changed:
            print(
                f"{path.relative_to(root)} is not what the tables give: run scripts/build_atlas.py",
                file=sys.stderr,
            )
        return 1 if changed else 0
    for path in changed:
        path.write_bytes(files[path].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
