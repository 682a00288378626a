"""Decoders that draw texts at random."""
