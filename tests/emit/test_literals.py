"""Values as source: whatever they hold, they come back equal and nothing else happens."""

import ast

import pytest
from black import Mode, format_str
from black.mode import TargetVersion
from hypothesis import given
from hypothesis import strategies as st
from specbridge.emit.literals import docstring, literal, quote_text, text_literal

MODE = Mode(target_versions={TargetVersion.PY311})

HOSTILE = [
    '"""',
    "'''",
    "\\",
    'a"b',
    "a'b",
    "a\"b'c",
    "{{ x }}{% y %}",
    "a\nb\r\t",
    "\u202eevil\u2066",
    "\u2028\x00\x85",
    "\ud800",
    "\U0001f600",
    "import os; os.system('x')",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_back_equal_and_plain(text: str) -> None:
    source = text_literal(text)
    assert ast.literal_eval(source) == text
    assert all(" " <= char <= "~" or "À" <= char <= "ÿ" for char in source)


@given(st.text())
def test_text_is_written_as_black_writes_it(text: str) -> None:
    source = text_literal(text)
    assert ast.literal_eval(source) == text
    assert format_str(f"x = {source}", mode=MODE).strip() == f"x = {source}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


@given(json_values)
def test_values_come_back_equal(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value  # type: ignore[arg-type]  # hypothesis's type


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 200, "word " * 50, "", '"', "\\" * 5])
def test_docstrings_quote_anything_and_stay_docstrings(text: str) -> None:
    lines = docstring("Summary of it.", [text, text], 4)
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    module = f"def f() -> None:\n{body}\n"
    function = ast.parse(module).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    assert (ast.get_docstring(function) or "").startswith("Summary of it.")
    assert format_str(module, mode=MODE) == module


def test_text_in_docstrings_keeps_quotes_readable() -> None:
    assert quote_text("a | b |  \"string\" 'x'") == "a | b | \"string\" 'x'"
