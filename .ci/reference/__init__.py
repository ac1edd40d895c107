"""Writes the reference pages of the site out of the code, so that they cannot say what it does not do."""
