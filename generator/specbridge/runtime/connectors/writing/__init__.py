"""Writes records: singly or in bulk jobs, and finds out what became of writes whose answer was lost."""
