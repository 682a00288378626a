"""Language models that are talked to: messages in, a reply out."""

from kgqa.chat.protocol import ChatModel, Message, Reply, Usage

__all__ = ["ChatModel", "Message", "Reply", "Usage"]
