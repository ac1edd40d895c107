"""Links, and how they are found: pairs that match, and the things that links join."""
