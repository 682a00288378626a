"""Decodes at random over hostile graphs until something breaks or the count is reached.

.venv/bin/python scripts/fuzz.py 10000 --seed 7
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "laws")]

from decode_fuzz import fuzz  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Decode at random over hostile graphs.")
    parser.add_argument("count", type=int, nargs="?", default=2000, help="number of decodes")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other graphs")
    options = parser.parse_args()
    for name, ran in sorted(fuzz(options.count, options.seed).items()):
        print(f"{ran:8}  {name}")


if __name__ == "__main__":
    main()
