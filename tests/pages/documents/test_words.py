"""What documents say of values, conditions and creation, in words."""

import json

import pytest
from specbridge.errors import Location
from specbridge.model.conversion import FUNCTIONS, Call, Conversion, Literal, Value, ValueType
from specbridge.model.resolved import (
    Reference,
    ResolvedCondition,
    ResolvedMapping,
    ResolvedProperty,
)
from specbridge.model.values import Direction
from specbridge.pages.documents.words import (
    condition_words,
    conversion_words,
    counted,
    expression_words,
    ways_words,
)
from specbridge.reader.expressions import build_expression

WORDS = [
    ("string", "as text"),
    ("integer", "as a whole number"),
    (["first", "_."], "the first of the value"),
    (["if", ["is-empty", "_."], "-", "_."], "(«-» if the value is empty, else the value)"),
    (["if", ["eq", "_.", 1], True], "(yes if the value is 1, else nothing)"),
    (["replace", " ", "", "_."], "the value with « » replaced by «»"),
    (["join", ", ", ["slice", 1, ["split", " ", "_."]]],
     "the items of the value split at « » from position 1 on joined by «, »"),
    (["slice", 1, 3, "_."], "the items of the value from position 1 up to 3"),
    (["datetime-format", "%Y", "_."], "the value written as «%Y»"),
    (["datetime-diff", "day", "_.", ["now"]], "the whole units («day») from the present instant to the value"),
    (["not", ["matches", "+*", "_."]], "not the value has the shape «+*»"),
    (["if-null", ["integer", "_."], 0], "(the value as a whole number, or 0 where that is empty or cannot be converted)"),
    (["and", ["gt", "_.", 1], ["neq", "_.", 7]], "(the value is greater than 1 and the value is not 7)"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "words"), WORDS, ids=lambda value: json.dumps(value)[:40])
def test_expressions_are_said_in_words(node: object, words: str) -> None:
    expression = build_expression(node)
    assert conversion_words(Conversion(text="", expression=expression)) == words


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_words(name: str) -> None:
    signature = FUNCTIONS[name]
    arguments = (Literal("a"), Literal("b"), Value())[: signature.most or 2]
    for count in range(signature.least, len(arguments) + 1):
        assert expression_words(Call(name, arguments[:count]))


def test_a_row_says_both_of_its_ways() -> None:
    simple = {name: Conversion(text=name, expression=Call(name, (Value(),))) for name in FUNCTIONS}
    row = mapping(Direction.BOTH, simple["string"], simple["integer"])
    assert ways_words(row) == ("to the target as text", "back to the source as a whole number")
    held = mapping(Direction.TO_TARGET, simple["string"], None, create_only=Direction.TO_SOURCE)
    assert ways_words(held)[1] == "back to the source as it is, when the record is created only"
    assert ways_words(mapping(Direction.NONE, None, None)) == ()
    linked = mapping(Direction.TO_SOURCE, None, None, reference=Reference(source="A", target="B"))
    assert ways_words(linked) == (
        "back to the source as the id of the linked record, through the links of A and B",
    )


def test_conditions_and_counts() -> None:
    condition = ResolvedCondition(path=("phones[]", "kind"), value="mobile")
    assert condition_words(condition) == "phones[].kind is «mobile»"
    assert (
        condition_words(ResolvedCondition(path=("a",), value=True, negate=True)) == "a is not yes"
    )
    assert [counted(n, "flow") for n in (0, 1, 2)] == ["0 flows", "1 flow", "2 flows"]


def mapping(
    direction: Direction,
    forward: Conversion | None,
    backward: Conversion | None,
    *,
    create_only: Direction = Direction.NONE,
    reference: Reference | None = None,
) -> ResolvedMapping:
    end = ResolvedProperty(text="x", path=("x",), type=ValueType.ANY)
    return ResolvedMapping(
        source=end,
        target=end,
        forward=forward,
        backward=backward,
        direction=direction,
        reference=reference,
        held=(),
        statement="",
        where=Location("a.rst", 1),
        create_only=create_only,
    )
