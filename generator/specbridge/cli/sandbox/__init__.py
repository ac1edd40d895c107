"""Commands that need no accounts: the sandbox, and the demo on it."""
