"""Checks proofs of programs with code that shares nothing with the executor."""
