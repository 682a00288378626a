"""Which arguments the `forward` of a transformers model takes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["ForwardArguments"]


@dataclass(frozen=True)
class ForwardArguments:
    """The names of the arguments of a model's `forward`.

    Transformers 5.24 renamed `past_key_values` to `cache`, both the argument and the field of the
    output. A PEFT adapter hands its arguments to its base model, so the names are those of the base model.
    """

    names: frozenset[str]

    @classmethod
    def of(cls, model: Any) -> Self:
        """Read the signature of a model."""
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        return cls(frozenset(inspect.signature(base.forward).parameters))

    def __contains__(self, name: str) -> bool:
        return name in self.names

    @property
    def cache(self) -> str:
        """The name of the key-value cache, as an argument and in the output.

        That of the installed transformers where the model names neither.
        """
        for name in ("cache", "past_key_values"):
            if name in self.names:
                return name
        from transformers.modeling_outputs import CausalLMOutputWithPast

        fields = CausalLMOutputWithPast.__dataclass_fields__
        return "cache" if "cache" in fields else "past_key_values"

    @property
    def missing_for_trees(self) -> list[str]:
        """The arguments without which no token tree can be read."""
        return [name for name in ("position_ids", self.cache) if name not in self.names]
