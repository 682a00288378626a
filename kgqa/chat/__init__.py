"""Language models that are talked to: messages in, a reply out. Importing this loads no client."""

from kgqa.chat.budget import Budget
from kgqa.chat.cached import CachedChat
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.endpoint_choice import choose_endpoint, chosen_name
from kgqa.chat.endpoint_file import EndpointFile
from kgqa.chat.mock import MockChatModel
from kgqa.chat.openai_chat import OpenAIChat
from kgqa.chat.prices import Prices
from kgqa.chat.protocol import ChatModel, Contrast, ContrastsChat, Message, Reply, StreamsChat, Usage
from kgqa.chat.reply_cache import ReplyCache
from kgqa.chat.secret import Secret
from kgqa.chat.streaming import StreamingChat

__all__ = [
    "Budget",
    "CachedChat",
    "ChatModel",
    "Contrast",
    "ContrastsChat",
    "Endpoint",
    "EndpointFile",
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
