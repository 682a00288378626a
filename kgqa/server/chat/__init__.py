"""The form of OpenAI's chat completions: requests, replies, errors."""

from kgqa.server.chat.chat_reply import ChatReply
from kgqa.server.chat.chat_request import ChatRequest
from kgqa.server.chat.conversation import Conversation
from kgqa.server.chat.openai_error import OpenAiError, OpenAiErrorReply, openai_object
from kgqa.server.chat.remembered import Remembered

__all__ = [
    "ChatReply",
    "ChatRequest",
    "Conversation",
    "OpenAiError",
    "OpenAiErrorReply",
    "Remembered",
    "openai_object",
]
