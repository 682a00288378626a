"""The settings of objects as JSON values: equal values for objects that work alike."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from kgqa.graph import IndexedGraph

__all__ = ["Describes", "described"]

_DEEPEST = 12
_LONGEST = 100
"""Longer lists are described by their length and a hash."""


@runtime_checkable
class Describes(Protocol):
    """An object with its own description of what decides its results."""

    def describe(self) -> object:
        """JSON values that differ for two objects whose results may differ."""
        ...


def described(value: object, depth: int = _DEEPEST) -> object:
    """What decides the behaviour of a value, as JSON values.

    Plain values stand for themselves; a graph is its checksum; an object with a `fingerprint` (a model, a
    tokenizer) is its type with that; an LLM is its identity without the address of its server; a dataclass or
    any other object is its type with its fields; a function is its name with a digest of its code. Objects
    that say more themselves have a method `describe`.

    >>> from kgqa.decode import BeamSearch
    >>> described(BeamSearch(beams=4)) == described(BeamSearch(beams=4)) != described(BeamSearch(beams=5))
    True
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes | bytearray):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, Path | Enum | type):
        return str(value)
    if isinstance(value, IndexedGraph):
        return {"graph": value.checksum}
    if isinstance(value, Describes):
        return value.describe()
    if isinstance(identity := getattr(value, "identity", None), Mapping):  # an LLM, wherever its server is
        return {name: described(one, depth - 1) for name, one in identity.items() if name != "base_url"}
    if callable(getattr(value, "reply", None)) and isinstance(name := getattr(value, "name", None), str):
        return {"type": _type(value), "name": name}
    if isinstance(fingerprint := getattr(value, "fingerprint", None), str):
        return f"{_type(value)} {fingerprint}"
    if callable(getattr(value, "state_dict", None)) and callable(getattr(value, "named_buffers", None)):
        from kgqa.lm.weights_fingerprint import weights_fingerprint  # torch is there: this is a module of it

        return f"{_type(value)} {weights_fingerprint(value)}"  # type: ignore[arg-type]
    if depth <= 0:
        return _type(value)
    if isinstance(value, partial):
        return [
            "partial",
            described(value.func, depth - 1),
            described([value.args, value.keywords], depth - 1),
        ]
    if isinstance(value, types.MethodType):
        return [described(value.__self__, depth - 1), value.__name__]
    if isinstance(value, types.FunctionType):
        return [
            f"{value.__module__}.{value.__qualname__}",
            _digest(value.__code__),
            _closure(value, depth - 1),
        ]
    return _compound(value, depth - 1)


def _compound(value: object, depth: int) -> object:
    if isinstance(value, Mapping):
        return {
            str(key): described(one, depth) for key, one in sorted(value.items(), key=lambda kv: str(kv[0]))
        }
    if isinstance(value, Set):
        return _short(sorted((described(one, depth) for one in value), key=str))
    if isinstance(value, Sequence):
        return _short([described(one, depth) for one in value])
    if isinstance(value, np.ndarray):
        return [
            _type(value),
            str(value.dtype),
            list(value.shape),
            hashlib.sha256(value.tobytes()).hexdigest(),
        ]
    if is_dataclass(value):
        own = {one.name: described(getattr(value, one.name), depth) for one in fields(value) if one.init}
        return {"type": _type(value), **own}
    state = getattr(value, "__dict__", None)
    if not state:
        return _type(value)
    own = {n: described(one, 0 if n.startswith("_") else depth) for n, one in sorted(state.items())}
    return {"type": _type(value), **own}


def _short(values: list[object]) -> object:
    if len(values) <= _LONGEST:
        return values
    text = json.dumps(values, sort_keys=True)
    return {"count": len(values), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def _type(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def _digest(code: types.CodeType) -> str:
    constants = [one for one in code.co_consts if not isinstance(one, types.CodeType)]
    parts = [code.co_code, repr(constants).encode(), repr(code.co_names).encode()]
    parts += [_digest(one).encode() for one in code.co_consts if isinstance(one, types.CodeType)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _closure(function: types.FunctionType, depth: int) -> object:
    return [described(cell.cell_contents, depth) for cell in function.__closure__ or ()]
