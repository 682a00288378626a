"""Training of the reranker, which scores relation paths beside the question."""
