"""The mappers of hubspot-tripletex.rst and tripletex-hubspot.rst."""
