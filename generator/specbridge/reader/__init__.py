"""Dataflow documents as values: text in, a `Document` with every problem found in it out.

The stages, in order: `skeleton` (lines to headings, paragraphs and tables; the only user of
docutils), `titles` and `sides` (names), `sentences` (creation), `tables`, `cells` and `expressions`
(rows), `sections` (a flow whole), `read` (a document whole).
"""
