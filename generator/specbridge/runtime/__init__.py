"""The runtime: executes generated flows against two systems. Importing this package loads nothing."""
