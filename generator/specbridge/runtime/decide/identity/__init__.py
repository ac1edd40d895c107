"""Which flows, pairings and records are one: pairings, circles of them, things, links to keep."""
