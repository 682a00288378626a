"""LLMs that reply to conversations, behind one protocol. Importing this package loads no HTTP client."""

from kgqa.chat.budget import Budget
from kgqa.chat.cached import CachedChat
from kgqa.chat.cost_estimator import CostEstimator
from kgqa.chat.endpoint import Endpoint, Prices
from kgqa.chat.endpoint_file import EndpointFile, choose_endpoint, chosen_name
from kgqa.chat.mock import MockChatModel
from kgqa.chat.openai_chat import OpenAIChat
from kgqa.chat.protocol import (
    ChatModel,
    Contrast,
    ContrastsChat,
    HoldsSchema,
    Message,
    Reply,
    StreamsChat,
    Usage,
)
from kgqa.chat.reply_cache import ReplyCache
from kgqa.chat.streaming import StreamingChat
from kgqa.web import Secret

__all__ = [
    "Budget",
    "CachedChat",
    "ChatModel",
    "Contrast",
    "ContrastsChat",
    "CostEstimator",
    "Endpoint",
    "EndpointFile",
    "HoldsSchema",
    "Message",
    "MockChatModel",
    "OpenAIChat",
    "Prices",
    "Reply",
    "ReplyCache",
    "Secret",
    "StreamingChat",
    "StreamsChat",
    "Usage",
    "choose_endpoint",
    "chosen_name",
]
