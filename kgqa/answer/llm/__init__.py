"""Aggregation by an LLM: its prompts, what its replies claim, and what the chains prove of that."""
