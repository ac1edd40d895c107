"""The sync modules of hubspot-tripletex.rst and tripletex-hubspot.rst."""
