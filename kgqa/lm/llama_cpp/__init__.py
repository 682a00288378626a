"""GGUF models in llama.cpp, by the package llama-cpp-python; importing this package does not need it."""
