"""The commands, and what happens when one fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cache_memory import collect_garbage_less
from kgqa.cli import ask, build, data, diff, info, mcp, serve, train, update, validate
from kgqa.cli.console import complain, prepare_streams
from kgqa.cli.runs import ceiling, compare, evaluate, export, report, review, score, why
from kgqa.cli.settings_options import flag_message
from kgqa.errors import KgqaError
from kgqa.pipeline.settings_table import SettingError

__all__ = ["app", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

SPINS = "1000"
"""How often torch's threads look for work before they let others run. By default they do for milliseconds,
which costs nothing alone, but makes kgqa ten times as slow beside other busy programs."""

USUAL_DATA = (Path("../shared/data"), Path(__file__).parents[3] / "shared" / "data")
"""Where benchmark data is looked up unless KGQA_DATA is set, from the working directory and a checkout."""

app = typer.Typer(
    name="kgqa",
    help="Answers questions from a knowledge graph, with the chain of facts behind every answer.",
    epilog="Exit codes: 0 done, 1 bad data, 2 bad usage, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("build")(build.build)
app.command("info")(info.info)
app.command("add")(update.add)
app.command("remove")(update.remove)
app.command("follow")(update.follow)
app.command("compact")(update.compact)
app.command("ask")(ask.ask)
app.command("eval")(evaluate.evaluate)
app.command("report")(report.report)
app.command("leaderboard")(report.leaderboard)
app.command("ceiling")(ceiling.ceiling)
app.command("score")(score.score)
app.command("compare")(compare.compare)
app.command("export")(export.export)
app.command("data")(data.data)
app.command("train")(train.train)
app.command("validate")(validate.validate)
app.command("why")(why.why)
app.command("diff")(diff.diff)
app.command("review")(review.review)
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kgqa {metadata.version('kgqa')}")
        raise typer.Exit


def _show_traceback(wanted: bool) -> None:
    if wanted:
        os.environ["KGQA_DEBUG"] = "1"


Debug = Annotated[bool, typer.Option("--debug", callback=_show_traceback, help="Show an error's traceback.")]
Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
]


@app.callback()
def options(debug: Debug = False, version: Version = False) -> None:
    """Answers questions from a knowledge graph, with the chain of facts behind every answer."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (default: that of the process) and return its exit code.

    Every error is one line on stderr; `--debug` or the variable KGQA_DEBUG shows the traceback.
    """
    prepare_streams()
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    collect_garbage_less()
    if usual := next((place for place in USUAL_DATA if place.is_dir()), None):
        os.environ.setdefault("KGQA_DATA", str(usual.resolve()))
    try:
        result = _commands()(arguments, standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return _failed("interrupted", INTERRUPTED)
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)()
        return _failed(message, getattr(error, "exit_code", 2))
    except SettingError as error:
        return _failed(flag_message(error), error.exit_code)
    except KgqaError as error:
        return _failed(str(error), error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has closed it (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer caught it first
            return 0
        raise
    except MemoryError:
        return _failed("out of memory", 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(f"{where}{error.strerror or error}", 1)
    if result == INTERRUPTED:
        complain("interrupted")
    return int(result or 0)


@cache
def _commands() -> Callable[..., Any]:
    """The commands and their options, read from the signatures once a process."""
    return typer.main.get_command(app)


def _failed(message: str, code: int) -> int:
    """Say what went wrong; called while the error is being handled, which `--debug` lets through."""
    if os.environ.get("KGQA_DEBUG"):
        raise
    complain(message)
    return code
