"""The examples of docs/generated-code.md run, and its table names every function."""

import re
from pathlib import Path

from specbridge.model.conversion import FUNCTIONS

PAGE = Path(__file__).parent.parent.parent / "docs" / "generated-code.md"


def test_the_mapper_example_runs() -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    assert callable(names["to_organizations"])


def test_every_function_is_described() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    described = {name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    assert set(FUNCTIONS) <= described
