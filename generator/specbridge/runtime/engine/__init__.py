"""Carries out what is decided: a run from reading both systems to the last write, undo and audit."""
