"""Sources of facts, such as their named graphs, and a graph with only the facts of some of them."""
