"""The tables, and how rows go into them and come out on both databases."""
