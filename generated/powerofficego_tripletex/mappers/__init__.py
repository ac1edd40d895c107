"""The mappers of powerofficego-tripletex.rst and tripletex-powerofficego.rst."""
