"""Running several methods on the same questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kgqa.errors import ChatError, ModelError, UsageError, check_names
from kgqa.evaluation.methods.method_score import MethodScore
from kgqa.evaluation.record_file import read_records, records_of
from kgqa.evaluation.running.run_recipe import RunRecipe
from kgqa.evaluation.running.run_settings import RunSettings
from kgqa.methods import METHODS, method_named

__all__ = ["ALL", "MethodRuns", "NotRun", "chosen_methods"]

ALL = "all"


@dataclass(frozen=True)
class NotRun:
    """Why a method was not run."""

    reason: str


@dataclass(frozen=True)
class MethodRuns:
    """What each method gave, or why it was not run, by name; `settings` are those of the methods that ran."""

    results: Mapping[str, MethodScore | NotRun]
    settings: Mapping[str, RunSettings]

    @classmethod
    def go(
        cls,
        names: Sequence[str],
        out: Path,
        recipe_of: Callable[[str], RunRecipe],
        run: Callable[[RunRecipe, Path], object],
    ) -> Self:
        """Run each method with its records in a folder of its name; a stopped run is resumed.

        A method that cannot be run with these settings, because it needs an LLM or another model, is not run,
        and the others are. Where none can, the error of the first is raised; so is every error of a run that
        has begun.
        """
        check_names(names, "names")
        results: dict[str, MethodScore | NotRun] = {}
        settings: dict[str, RunSettings] = {}
        errors: list[Exception] = []
        for name in names:
            try:
                recipe = recipe_of(name)
                recipe.check()
            except (UsageError, ModelError, ChatError) as error:
                errors.append(error)
                results[name] = NotRun(str(error))
                continue
            run(recipe, out / name)
            records = read_records(records_of(out / name))
            results[name] = MethodScore.of(method_named(name), records.values())
            settings[name] = recipe.settings
        if errors and not settings:
            raise errors[0]
        return cls(results, settings)


def chosen_methods(names: Sequence[str]) -> tuple[str, ...]:
    """The methods of these names, each once; "all" are all of them. Raises `UnknownMethodError`."""
    check_names(names, "names")
    found: dict[str, None] = {}
    for name in names:
        found.update(dict.fromkeys(METHODS if name == ALL else (method_named(name).name,)))
    return tuple(found)
