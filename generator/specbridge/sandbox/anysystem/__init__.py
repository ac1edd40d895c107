"""A system as a profile says it is: its lists, filters, writes, limits and refusals.

It proves a profile against itself, and nothing of the system that the profile describes.
"""
