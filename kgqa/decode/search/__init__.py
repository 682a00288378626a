"""Decoders that search for the most probable texts."""
