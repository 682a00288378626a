"""The HTTP server: REST, an OpenAI-compatible chat endpoint, and the page."""
