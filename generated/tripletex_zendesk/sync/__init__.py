"""The sync modules of tripletex-zendesk.rst."""
