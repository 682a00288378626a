"""An LLM reads the chains, asked in the words of a paper."""

from kgqa.answer.papers.paper_aggregator import PaperAggregator
from kgqa.answer.papers.paper_prompt import PaperForm

__all__ = ["PaperAggregator", "PaperForm"]
