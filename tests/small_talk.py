"""Questions that name nothing, though each of their words may be the name of something."""

from __future__ import annotations

__all__ = ["SMALL_TALK"]

SMALL_TALK = (
    "Who are you?",
    "Who is he?",
    "Where am I?",
    "How are they?",
    "Can you help us?",
    "What are you doing?",
    "Is it good?",
    "Why not?",
    "How do you do?",
    "Are you there?",
    "Hello!",
    "Thank you!",
    "What do you mean?",
    "Do you know me?",
    "Can I ask you something?",
    "Who is she to you?",
    "When will we be there?",
    "What can you do for me?",
    "What is that?",
    "Is that all you have?",
    "Why is it so?",
    "Could you tell me more about it?",
    "Which one is it?",
    "How is it going?",
    "What should I ask you?",
    "Please help me.",
    "Are they like us?",
    "Who did that to them?",
    "What was that?",
    "WHO ARE YOU?",
    "Who Are They?",
    "who are you?",
    "what are they",
    "can you help us",
)
