"""What the scores are called in tables."""

from __future__ import annotations

__all__ = ["LABELS"]

LABELS = {"hits_at_1": "Hits@1", "hit": "Hit", "f1": "F1", "precision": "precision", "recall": "recall"}
