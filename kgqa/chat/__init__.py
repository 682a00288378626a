"""Language models that are talked to: messages in, a reply out."""

from kgqa.chat.mock import MockChatModel
from kgqa.chat.protocol import ChatModel, Message, Reply, Usage

__all__ = ["ChatModel", "Message", "MockChatModel", "Reply", "Usage"]
