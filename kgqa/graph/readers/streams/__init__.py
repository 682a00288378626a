"""Streams that are checked while a parser reads them."""
