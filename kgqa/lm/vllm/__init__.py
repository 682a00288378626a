"""Models in vLLM: the constraint in its server, and a client; importing this package does not need vLLM."""
