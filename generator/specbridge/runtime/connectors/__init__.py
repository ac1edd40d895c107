"""Connectors: each system reached through its profile; what does not fit is a small strategy."""
