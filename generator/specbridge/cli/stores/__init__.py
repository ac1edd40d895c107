"""Commands about what the store knows: status, links, conflicts, dead letters, undo."""
