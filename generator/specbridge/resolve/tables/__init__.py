"""Resolves the rows of link and property tables: paths, conversions, references, shapes."""
