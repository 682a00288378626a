"""Why questions scored what they scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kgqa.cli.console import output, print_json
from kgqa.errors import UsageError
from kgqa.evaluation import Definition, Prediction
from kgqa.graph import clean_name

__all__ = ["chosen", "explain_rows"]


def chosen(predictions: Sequence[Prediction], ids: Sequence[str], file: Path) -> Sequence[Prediction]:
    """The predictions with these ids, all for none. Raises `UsageError` for an id that is not there."""
    known = {prediction.id: prediction for prediction in predictions}
    if unknown := [id_ for id_ in ids if id_ not in known]:
        raise UsageError(f"{file}: has no prediction for {unknown[0]!r}")
    return [known[id_] for id_ in ids] if ids else predictions


def explain_rows(predictions: Iterable[Prediction], definitions: Sequence[Definition], as_json: bool) -> None:
    """Print of each prediction, by each definition, its values and what counted as found, and why."""
    if as_json:
        print_json({"questions": [_row(prediction, definitions) for prediction in predictions]})
        return
    for prediction in predictions:
        output.print(f"{clean_name(prediction.id)}  gold: {_names(prediction.gold)}", markup=False)
        for definition in definitions:
            _print(prediction, definition)


def _row(prediction: Prediction, definitions: Sequence[Definition]) -> dict[str, object]:
    return {
        "id": prediction.id,
        "gold": list(prediction.gold),
        "definitions": {
            definition.name: {
                "values": definition.score(prediction),
                "found": [vars(reason) for reason in definition.explain(prediction)],
            }
            for definition in definitions
        },
    }


def _print(prediction: Prediction, definition: Definition) -> None:
    values, reasons = definition.score(prediction), definition.explain(prediction)
    shown = "no value" if values is None else ", ".join(f"{name} {v:.3g}" for name, v in values.items())
    lines = [f"  {definition.name}: {shown}"]
    lines += [f"    {clean_name(reason.describe())}" for reason in reasons]
    found = {reason.gold for reason in reasons}
    if missed := [gold for gold in prediction.gold if gold not in found]:
        lines.append(f"    not found: {_names(missed)}")
    output.print("\n".join(lines), markup=False)


def _names(names: Iterable[str]) -> str:
    return clean_name(", ".join(map(repr, names))) or "none"
