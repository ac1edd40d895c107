"""Reads a resource: changes since a cursor, pages to the end, single records, rows as records."""
