"""Environments in files: a variable in each line, as `sandbox --env-file` writes them and shells read them."""

from pathlib import Path


def read_variables(path: Path) -> dict[str, str]:
    """Return the variables of a file of NAME=value lines, comments and blanks around them aside."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and line[:1] != "#")
    return {name.strip(): value.strip() for name, _, value in pairs}
