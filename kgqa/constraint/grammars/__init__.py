"""The three grammars of chains: paths, branching chains, relation paths."""
