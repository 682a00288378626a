"""Programs put into English by rule."""
