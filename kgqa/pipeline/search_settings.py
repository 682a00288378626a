"""The settings of the search for chains."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from kgqa.decode import Decoder, DecoderName, Penalised, decoder_settings, named_decoder
from kgqa.errors import UsageError
from kgqa.pipeline.setting import setting
from kgqa.pipeline.settings_table import SettingError

__all__ = ["SearchSettings"]


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How chains are searched for.

    The fields after `seconds` are those of single decoders, by their names there (`decoder_settings`);
    `None`: the decoder's own default.
    """

    name: DecoderName = setting(
        "beam",
        "The decoder. beam: beam search; diverse: diverse beams (as GCR); exact: provably the most probable "
        "chains; greedy: one chain, the fastest; adaptive: greedy with a look-ahead where the model is "
        "uncertain; random draws: sample, stochastic (no chain twice), aligned and weighted (as the model's "
        "own).",
        flag="--search",
    )
    beams: int = setting(10, "Beam width, or the number of samples.", minimum=1)
    seconds: float | None = setting(
        None, "Time limit of the search, for each question.", metavar="S", minimum=0
    )
    length_penalty: float | None = setting(shown=False)
    masked: bool | None = setting(shown=False)
    margin: float | None = setting(shown=False)
    groups: int | None = setting(None, "Groups of diverse beams [default: one for each beam].", metavar="N")
    penalty: float | None = setting(shown=False)
    penalise: Penalised | None = setting(
        None, "What diverse beams are penalised for choosing again; tokens: as GCR [default: names]."
    )
    batch: int | None = setting(shown=False)
    max_prefixes: int | None = setting(shown=False)
    threshold: float | None = setting(shown=False)
    branches: int | None = setting(shown=False)
    depth: int | None = setting(shown=False)
    seed: int | None = setting(shown=False)
    temperature: float | None = setting(
        None, "Temperature of random draws (sample) [default: 1].", metavar="T"
    )
    prefixes: int | None = setting(shown=False)
    calls: int | None = setting(shown=False)

    @property
    def of_decoder(self) -> dict[str, Any]:
        """The settings of a single decoder that are set."""
        shared = ("name", "beams", "seconds")
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in shared}
        return {name: value for name, value in found.items() if value is not None}

    def decoder(self, seed: int) -> Decoder:
        """The decoder of the settings; one that draws at random has `seed`, unless they have their own.

        Raises `SettingError` for what it does not have or not take.
        """
        seeded = {"seed": seed} if "seed" in decoder_settings(self.name) else {}
        try:
            return named_decoder(
                self.name, beams=self.beams, seconds=self.seconds, **seeded | self.of_decoder
            )
        except UsageError as error:
            raise SettingError("search", str(error)) from error
