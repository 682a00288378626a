"""What all finders share that ask a server."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from kgqa.errors import KgqaError
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.protocol import Finder, Found, LinkedQuestion

__all__ = ["ThreadedFinder"]


class ThreadedFinder(Finder):
    """A finder that asks about several questions at once, each in a thread of its own."""

    repeatable: ClassVar[bool] = False

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """What is found for each question; an error ends its own question only."""
        if len(questions) < 2:
            return [self._timed(question, space) for question in questions]
        threads = ThreadPoolExecutor(len(questions))
        try:
            return list(threads.map(lambda question: self._timed(question, space), questions))
        finally:
            threads.shutdown(cancel_futures=True)  # an interrupted run pays for no more replies

    def _timed(self, question: LinkedQuestion, space: ChainSpace) -> Found | KgqaError:
        began = time.perf_counter()
        try:
            return self._found(question, space)._replace(seconds=time.perf_counter() - began)
        except KgqaError as error:
            return error

    @abstractmethod
    def _found(self, question: LinkedQuestion, space: ChainSpace) -> Found:
        """What is found for one question. Raises `KgqaError`."""
