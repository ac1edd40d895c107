"""Turns at limits that processes share."""
