"""The sync modules of powerofficego-zendesk.rst."""
