"""Mistral's form of a tokenizer (Tekken: ranked byte sequences) as the form of the tokenizers library."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

__all__ = ["save_tekken"]

NAMED = ("<unk>", "<s>", "</s>")


def save_tekken(content: bytes, folder: Path) -> None:
    """Write `tokenizer.json` and its configuration for the content of a `tekken.json`.

    A token may be made of any two tokens; the merge of tokens with lower ranks goes first.
    """
    document = json.loads(content)
    config = document["config"]
    special = [*NAMED, *(f"<SPECIAL_{at}>" for at in range(3, config["default_num_special_tokens"]))]
    count = config["default_vocab_size"] - len(special)
    ranks = {base64.b64decode(one["token_bytes"]): at for at, one in enumerate(document["vocab"][:count])}
    spelled = {token: _spelled(token) for token in ranks}
    merges = []
    for token in ranks:
        halves = ((token[:at], token[at:]) for at in range(1, len(token)))
        known = [(ranks[a], ranks[b], a, b) for a, b in halves if a in ranks and b in ranks]
        merges += [(spelled[a], spelled[b]) for _, _, a, b in sorted(known)]
    vocabulary = {name: at for at, name in enumerate(special)}
    vocabulary |= {text: len(special) + ranks[token] for token, text in spelled.items()}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(config["pattern"]), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    unknown, start, end = NAMED
    said = {"unk_token": unknown, "bos_token": start, "eos_token": end}
    (folder / "tokenizer_config.json").write_text(json.dumps(said), "utf-8")


def _letters() -> dict[int, str]:
    """The character that stands for each byte in byte-level vocabularies."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + at) for at, byte in enumerate(others)}


_LETTERS = _letters()


def _spelled(token: bytes) -> str:
    return "".join(_LETTERS[byte] for byte in token)
