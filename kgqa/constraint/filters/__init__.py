"""Filters of chains, and the constraints that apply them."""
