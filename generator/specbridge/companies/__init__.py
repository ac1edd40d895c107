"""Companies: whose systems a project keeps in sync, with which variables, packages and schedule."""
