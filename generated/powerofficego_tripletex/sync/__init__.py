"""The sync modules of powerofficego-tripletex.rst and tripletex-powerofficego.rst."""
