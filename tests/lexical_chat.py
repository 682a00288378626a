"""A chat model that really reads its prompt, and chooses what shares most words with the question."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.chat import Message, MockChatModel

OPTION = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
QUESTION = re.compile(r"^Question:\s*(.*)$", re.MULTILINE)
PATH = re.compile(r"^Path so far: (.*)$", re.MULTILINE)
RELATION = re.compile(r'-("(?:[^"\\]|\\.)*")-')


def lexical_chat() -> MockChatModel:
    return MockChatModel(_reply, name="lexical")


def _reply(messages: Sequence[Message]) -> str:
    asked = messages[1].content
    if "Options:" in asked:
        return _hop(asked)
    return _answers(asked)


def _hop(asked: str) -> str:
    """The options by the words that they newly share with the question; 0 where none does."""
    question, path = _search(QUESTION, asked), _search(PATH, asked)
    left = _content(question) - _like(_content(question), words(path))
    shared = {int(n): len(_like(left, words(text))) for n, text in OPTION.findall(asked)}
    likely = sorted((n for n in shared if n and shared[n]), key=lambda n: (-shared[n], n))
    if not likely:
        return json.dumps({"choices": [0 if 0 in shared else 1], "more": False})
    return json.dumps({"choices": likely[:3], "more": False})


def _answers(asked: str) -> str:
    """Everything at the end of the line whose relations share most words with the question."""
    content = _content(_search(QUESTION, asked))
    lines = {
        int(n): len(_like(content, words(" ".join(RELATION.findall(text)))))
        for n, text in OPTION.findall(asked)
    }
    best = max(lines, key=lambda n: (lines[n], -n))
    return json.dumps({"answerable": True, "answers": [{"entity": "*", "chains": [best]}]})


def _search(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    assert found, f"the prompt has no {pattern.pattern}"
    return found[1]


def _content(question: str) -> set[str]:
    return set(words(question)) - STOP_WORDS


def _like(asked: set[str], said: Sequence[str]) -> set[str]:
    return {word for word in asked if any(akin(word, other) for other in said)}
