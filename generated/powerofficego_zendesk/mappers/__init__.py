"""The mappers of powerofficego-zendesk.rst."""
