"""Pages on which people look at what runs left open, and act on it; an extra."""
