"""Commands that serve: what comes in by itself."""
