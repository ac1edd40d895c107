"""Whoever makes a request proves who it is: keys, tokens of the environment or of a call."""
