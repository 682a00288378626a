"""What earlier questions of conversations were about."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from kgqa.service import Subjects

__all__ = ["Remembered"]

MOST = 1000


class Remembered:
    """The subjects of the last conversations, by graph, version and questions.

    A chat client sends the whole conversation each time; without this, each of its questions would be asked
    again with the last. Of questions only hashes are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[bytes, Subjects] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, version: str, questions: Sequence[str]) -> Subjects | None:
        """What the last of the questions was about; `None` if that is not known (any more)."""
        with self._lock:
            return self._known.get(_key(version, questions))

    def put(self, version: str, questions: Sequence[str], subjects: Subjects) -> None:
        """Remember it, and forget the oldest of too many."""
        with self._lock:
            self._known[_key(version, questions)] = subjects
            while len(self._known) > self._most:
                self._known.popitem(last=False)


def _key(version: str, questions: Sequence[str]) -> bytes:
    return hashlib.sha256(repr((version, tuple(questions))).encode()).digest()
