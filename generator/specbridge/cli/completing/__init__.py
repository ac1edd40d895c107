"""Shell completion, answered from a table of the commands: none of them is loaded for it."""
