"""Sentence encoders and cross-encoders."""
