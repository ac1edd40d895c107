"""Data type cells: equal meanings have equal texts, and lost brackets come back or do not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.model.conversion import FUNCTIONS, Call, Literal, Value
from specbridge.reader.brackets import Budget, restore_brackets
from specbridge.reader.expressions import read_type


def conversion_of(cell: str) -> str | None:
    reading = read_type(cell, Budget())
    return reading.conversion.text if reading.conversion else None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"integer"', '["integer", "_."]'),
        ('"integer"', ' ["integer"] '),
        ('["integer", "decimal"]', '["integer",["decimal","_."]]'),
        ('["if",["is-decimal"],"decimal","string"]', '["if","is-decimal","decimal","string"]'),
        ('["gt","_.","now"]', '["gt","_.",["now"]]'),
        ('["eq","_.","\\u00e5"]', '["eq", "_.", "å"]'),
        ('["eq","_.",-0.0]', '["eq", "_.", 0.0]'),
    ],
)
def test_equal_meanings_have_equal_texts(one: str, other: str) -> None:
    assert conversion_of(one) == conversion_of(other) is not None


@pytest.mark.parametrize("cell", ["N/A", " N/A\t", '"N/A"'])
def test_not_stated_is_no_fault(cell: str) -> None:
    reading = read_type(cell, Budget())
    assert (reading.conversion, reading.fault) == (None, None)


def test_expression_is_a_tree() -> None:
    reading = read_type('["replace"," ","",["string","_."]]', Budget())
    assert reading.conversion is not None
    inner = Call("string", (Value(),))
    assert reading.conversion.expression == Call("replace", (Literal(" "), Literal(""), inner))


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ('"string","_."]', ['["string","_."]']),
        (
            '"if","neq","_.","X"],"integer","string"]',
            ['["if",["neq","_.","X"],"integer","string"]'],
        ),
        ('["if","is-null","_."],"a","_."]', ['["if",["is-null","_."],"a","_."]']),
        ('"if", "eq"]]', []),
        ('""if", "eq"]]"', []),
        ('"a","b"]', []),
        ('"string" "_."]', []),
        ('"string",,"_."]', []),
        ("]", []),
        ("", []),
    ],
)
def test_brackets_come_back_where_closers_tell(text: str, restored: list[str]) -> None:
    assert list(restore_brackets(text, Budget())) == restored


@pytest.mark.parametrize(
    "cell",
    [
        '["eq","_.",1e400]',
        '["eq","_.",-1e999]',
        '["eq","_.",NaN]',
        f'["eq","_.",1{"0" * 400}]',
        f'["eq","_.",-1{"0" * 5000}]',
    ],
    ids=lambda cell: cell[:16],
)
def test_a_constant_that_no_json_holds_is_unreadable(cell: str) -> None:
    assert read_type(cell, Budget()).fault == "E204"


@pytest.mark.parametrize(
    ("cell", "own", "read"),
    [
        ('["string","_.Name"]', "Name", "string"),
        ('["string","_.NAME"]', "name", "string"),
        ('["string","_.city"]', "home.address.City", "string"),
        ('["string","_.address.city"]', "home.address.City", "string"),
        ('["string","_.home"]', "home.address.City", None),
        ('["string","_.Name"]', "", None),
        ('["string",_.Name]', "Name", "string"),
        ('"string",_.Name]', "Name", "string"),
        ('["replace","_.Name","",_.]', "Name", '["replace","_.Name","","_."]'),
        ('["eq","_.Name","x _.Name"]', "Name", '["eq","_.","x _.Name"]'),
    ],
)
def test_the_value_may_be_called_by_its_own_property(cell: str, own: str, read: str | None) -> None:
    reading = read_type(cell, Budget(), tuple(filter(None, own.split("."))))
    assert (reading.conversion.text if reading.conversion else None) == read
    assert reading.fault == ("W203" if read else "W205")


def test_two_ways_to_put_brackets_back_are_a_doubt() -> None:
    assert len(restore_brackets('"and","or","not","_."],"_."]', Budget())) == 2
    assert read_type('"and","or","not","_."],"_."]', Budget()).fault == "E203"


def test_spent_budget_restores_nothing() -> None:
    assert restore_brackets('"string","_."]', Budget(steps=1)) == ()


LEAVES = st.sampled_from(["_.", "x", "-", "", 1, 2.5, True, None])
UNARY = sorted(name for name, each in FUNCTIONS.items() if each.least == each.most == 1)


def calls(arguments: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    one = st.tuples(st.sampled_from(UNARY), arguments)
    two = st.tuples(st.sampled_from(["eq", "neq", "gt", "if-null"]), arguments, arguments)
    three = st.tuples(st.just("if"), arguments, arguments, arguments)
    return st.one_of(one, two, three).map(list)


EXPRESSIONS = st.recursive(LEAVES, calls, max_leaves=8).filter(lambda node: isinstance(node, list))


@given(EXPRESSIONS)
def test_canonical_text_reads_as_itself(node: object) -> None:
    text = conversion_of(json.dumps(node))
    assert text is not None
    again = conversion_of(json.dumps(text) if text in FUNCTIONS else text)
    assert again == text


@given(EXPRESSIONS)
def test_stripped_brackets_never_come_back_wrong(node: object) -> None:
    whole = json.dumps(node)
    reading = read_type(whole.replace("[", ""), Budget())
    assert reading.fault in ("W203", "E203")
    if reading.conversion is not None:
        assert reading.conversion.text == conversion_of(whole)
