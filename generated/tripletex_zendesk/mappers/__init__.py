"""The mappers of tripletex-zendesk.rst."""
