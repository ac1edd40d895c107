"""Shell completion, answered from a table of the commands: none of them is loaded for it."""

VARIABLE = "_SPECBRIDGE_COMPLETE"
"""The variable by which a shell asks how a command line may go on; its script sets it."""
