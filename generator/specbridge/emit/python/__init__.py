"""Python source as text: names, literals and docstrings, lines laid out as black lays them out."""
