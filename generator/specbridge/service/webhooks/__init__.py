"""Webhooks in: who may tell of changes, what they say of them, and the records that are woken."""
