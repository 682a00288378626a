"""Language models, tokenizers and chat models of the transformers library."""
