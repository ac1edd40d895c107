"""Values as source: whatever they hold, they come back equal and nothing else happens."""

import ast
import math
from collections.abc import Callable

import pytest
from black import Mode, format_str
from black.mode import TargetVersion
from hypothesis import given
from hypothesis import strategies as st
from specbridge.emit.python.literals import fold_docstring, literal, quote_text, text_literal
from specbridge.model.values import Json

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


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
@pytest.mark.parametrize("place", [lambda x: x, lambda x: [1, x], lambda x: {"a": {"b": x}}])
def test_what_is_no_json_is_never_written(value: float, place: Callable[[float], Json]) -> None:
    with pytest.raises(ValueError, match="no value that JSON has"):
        literal(place(value))


def place_docstring(summary: str, quotes: list[str], indent: int) -> str:
    """Return a docstring as the templates place it: in a function, or in a module where indent is 0."""
    margin = " " * indent
    first, lines = fold_docstring(summary, quotes, indent)
    if not lines:
        return f'{margin}"""{first}"""'
    body = "\n".join(f"{margin}{line}" for line in lines)
    return f'{margin}"""{first}\n\n{body}\n{margin}"""'


def expect_settled(summary: str, quotes: list[str], indent: int) -> str:
    """Return the docstring that Python reads, once black has left it as it is."""
    head = "def f() -> None:\n" if indent else ""
    module = f"{head}{place_docstring(summary, quotes, indent)}\n"
    assert format_str(module, mode=MODE) == module
    tree = ast.parse(module)
    node = tree.body[0] if indent else tree
    assert isinstance(node, ast.FunctionDef | ast.Module)
    assert len(node.body) == 1
    return ast.get_docstring(node) or ""


@pytest.mark.parametrize("indent", [0, 4])
@pytest.mark.parametrize("text", [*HOSTILE, "x" * 200, "word " * 50, "", '"', "\\" * 5])
def test_docstrings_quote_anything_and_stay_docstrings(text: str, indent: int) -> None:
    assert expect_settled("Summary of it.", [text, text], indent).startswith("Summary of it.")


@pytest.mark.parametrize("indent", [0, 4])
@pytest.mark.parametrize("length", range(70, 100))
def test_a_docstring_of_one_word_of_any_length_is_one_line(length: int, indent: int) -> None:
    summary = "w" * (length - 1) + "."
    assert expect_settled(summary, [], indent) == summary


@given(
    st.lists(st.integers(1, 95), min_size=1, max_size=12), st.sampled_from([0, 4]), st.booleans()
)
def test_docstrings_of_any_lengths_are_as_black_has_them(
    lengths: list[int], indent: int, quoted: bool
) -> None:
    summary = " ".join("w" * length for length in lengths) + "."
    read = expect_settled(summary, ["a | b"] if quoted else [], indent)
    assert "".join(read.split()) == "".join(summary.split()) + ("a|b" if quoted else "")


def test_text_in_docstrings_keeps_quotes_readable() -> None:
    assert quote_text("a | b |  \"string\" 'x'") == "a | b | \"string\" 'x'"
