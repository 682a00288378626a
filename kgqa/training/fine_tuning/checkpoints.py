"""The checkpoints of a fine-tuning and its settings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from kgqa.config_file import read_json_object
from kgqa.errors import UsageError

__all__ = ["Checkpoints", "load_trained_weights", "save_trained_weights"]

_SETTINGS = "settings.json"
_WEIGHTS = "trained.safetensors"
_STATE = "trainer_state.json"  # transformers writes it last: a checkpoint without it is incomplete


@dataclass(frozen=True)
class Checkpoints:
    """The folder in which transformers keeps the last checkpoint and the best one."""

    folder: Path

    def at(self, step: int) -> Path:
        """The checkpoint of a step."""
        return self.folder / f"checkpoint-{step}"

    def last(self) -> Path | None:
        """The last complete checkpoint, if there is one."""
        steps = [int(path.parent.name.split("-")[1]) for path in self.folder.glob(f"checkpoint-*/{_STATE}")]
        return self.at(max(steps)) if steps else None

    def resume(self, settings: Mapping[str, Any]) -> Path | None:
        """The checkpoint to resume; without one, write the settings of a new training.

        Raises `UsageError` when the checkpoint is of a training with other settings.
        """
        last = self.last()
        now = json.loads(json.dumps(settings))
        if last is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / _SETTINGS).write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
            return None
        before = read_json_object(self.folder / _SETTINGS)
        changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if changed:
            told = ", ".join(f"{name} {before.get(name)} (now {now.get(name)})" for name in changed)
            raise UsageError(
                f"{last} is of a training with other settings: {told}; delete it to start again, "
                "or use those settings"
            )
        return last

    def remove(self) -> None:
        """Delete all of them."""
        shutil.rmtree(self.folder)


def save_trained_weights(model: torch.nn.Module, folder: Path) -> None:
    """Write the trained weights; frozen ones are those of the starting model."""
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}, folder / _WEIGHTS
    )


@torch.no_grad()
def load_trained_weights(model: torch.nn.Module, folder: Path) -> None:
    """Read into a model what `save_trained_weights` wrote."""
    weights = load_file(folder / _WEIGHTS)
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            weight.copy_(weights[name])
