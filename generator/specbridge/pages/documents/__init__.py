"""A page per document, and an index over all packages: what the documents say, and what the APIs make of it."""
