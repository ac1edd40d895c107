"""The values that the stages hand to each other: frozen dataclasses, no behaviour, no I/O."""
