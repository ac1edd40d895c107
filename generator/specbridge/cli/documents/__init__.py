"""Commands about documents: generate, check, diff, inspect, lint."""
