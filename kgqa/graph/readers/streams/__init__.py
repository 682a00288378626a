"""Streams that are checked while a parser reads them, and the bounds on XML that are checked."""
