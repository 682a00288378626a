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
from kgqa.lm.forward.native_memory import PASSES, FreeMemory, release_free_memory


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
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "KGQA_CACHE_MB": "1000"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "200"


def test_free_memory_is_released_when_the_process_has_grown_much_but_not_in_every_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KGQA_CACHE_MB", "1")
    taken, trims = [500], []

    def trim(_pad: int) -> None:
        trims.append(taken[0])
        taken[0] = 500

    memory = FreeMemory(trim, lambda: taken[0])
    for taken[0] in [*range(500, 100_000, 10_000), *[240_000] * 20]:  # a quarter of a megabyte is not reached
        memory.release()
    assert trims == []
    for _ in range(3 * PASSES):
        taken[0] += 300_000
        memory.release()
    assert len(trims) == 3


def test_free_memory_of_this_process_is_released_where_that_is_possible() -> None:
    for _ in range(2 * PASSES):
        release_free_memory()
    memory = FreeMemory(None, lambda: 10**12)
    for _ in range(2 * PASSES):
        memory.release()
