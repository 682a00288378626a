"""Language models that are talked to: messages in, a reply out. Importing this loads no client."""

from kgqa.chat.budget import Budget
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.openai_chat import OpenAIChat
from kgqa.chat.prices import Prices
from kgqa.chat.protocol import ChatModel, Contrast, ContrastsChat, Message, Reply, StreamsChat, Usage
from kgqa.chat.secret import Secret

__all__ = [
    "Budget",
    "ChatModel",
    "Contrast",
    "ContrastsChat",
    "Endpoint",
    "Message",
    "OpenAIChat",
    "Prices",
    "Reply",
    "Secret",
    "StreamsChat",
    "Usage",
]
