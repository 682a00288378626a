"""The bound of all caches."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from kgqa.cache_memory import cache_bytes
from kgqa.constraint.tokenizer import CachingTokenizer
from kgqa.errors import UsageError
from kgqa.lm import MockLanguageModel
from kgqa.lm.forward import native_memory


def test_a_cache_gets_its_share_of_the_memory_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KGQA_CACHE_MB", raising=False)
    assert cache_bytes(0.25) == 250_000_000
    monkeypatch.setenv("KGQA_CACHE_MB", "8")
    assert cache_bytes(0.25) == 2_000_000


@pytest.mark.parametrize("given", ["0", "-1", "nan", "inf", "1 GB", "x"])
def test_what_is_no_number_of_megabytes_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGQA_CACHE_MB", given)
    with pytest.raises(UsageError, match="KGQA_CACHE_MB must be a positive number of megabytes, not"):
        cache_bytes(0.5)


def test_a_tokenizer_cache_that_is_full_is_emptied() -> None:
    class Counted:
        leading_space, fingerprint = False, "x"
        encoded = 0

        def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
            self.encoded += len(segments)
            return [tuple(map(ord, segment)) for segment in segments]

    segments = [f"segment {number}" for number in range(50)]
    for max_bytes, encoded in ((10**6, 50), (0, 100)):
        counted = Counted()
        caching = CachingTokenizer(counted, max_bytes)
        for _ in range(2):
            assert caching.encode_batch(segments) == Counted().encode_batch(segments)
        assert counted.encoded == encoded
    assert CachingTokenizer(MockLanguageModel().tokenizer).encode_batch(["a"])


def test_the_primitive_caches_are_bounded_before_torch_uses_them() -> None:
    program = "import os, kgqa.lm.forward.log_probabilities as _; print(os.environ['LRU_CACHE_CAPACITY'])"
    environment = {name: value for name, value in os.environ.items() if "CACHE" not in name}
    for megabytes, primitives in (("1000", "66"), ("10", "16")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, "KGQA_CACHE_MB": megabytes},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == primitives


def test_free_memory_is_released_after_some_passes_if_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        trimmed = 0

        class mallinfo2:
            fordblks = 10**9

        def malloc_trim(self, _pad: int) -> None:
            self.trimmed += 1

    library = Library()
    monkeypatch.setattr(native_memory, "_glibc", lambda: library)
    for _ in range(3 * native_memory.PASSES):
        native_memory.release_free_memory()
    assert library.trimmed == 3
    monkeypatch.setenv("KGQA_CACHE_MB", "100000")
    for _ in range(native_memory.PASSES):
        native_memory.release_free_memory()
    assert library.trimmed == 3


def test_where_the_c_library_is_another_one_nothing_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_memory, "_glibc", lambda: None)
    for _ in range(native_memory.PASSES):
        native_memory.release_free_memory()
