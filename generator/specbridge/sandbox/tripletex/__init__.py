"""Tripletex: sessions, versions, wrapped answers, and what is shown on request alone."""
