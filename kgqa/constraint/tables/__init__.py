"""Tables of a graph and a tokenizer that all constraints of the graph share."""
