"""Whose value a property takes, over all pairings that feed it."""
