"""Fine-tuning of any language model of transformers."""
