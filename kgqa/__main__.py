"""Run the command line: `python -m kgqa`."""

import sys

from kgqa.cli import main

sys.exit(main())
