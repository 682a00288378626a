"""The constraint in SGLang's server; importing this package does not need SGLang."""
