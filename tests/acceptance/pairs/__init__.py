"""Pairs of systems beside the first one: their documents synchronized on the sandbox."""
