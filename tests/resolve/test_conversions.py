"""What conversions yield, what fits, and the way back."""

import pytest
from specbridge.model.conversion import Call, Conversion, Expression, Literal, Value, ValueType
from specbridge.resolve.tables.conversions import copying, fits, given_type, way_back

from tests.resolve.documents import simple

T = ValueType
V = Value()


def conversion(expression: Expression) -> Conversion:
    return Conversion(text="…", expression=expression)


FORMAT = conversion(Call("datetime-format", (Literal("%Y-%m-%d"), V)))
PARSE = conversion(Call("datetime-parse", (Literal("%d.%m.%Y"), V)))
NUMBER = Call("if", (Call("is-decimal", (V,)), Call("decimal", (V,)), Call("integer", (V,))))


@pytest.mark.parametrize(
    ("made", "source", "expected"),
    [
        (None, T.DATE, T.DATE),
        (simple("string"), T.INTEGER, T.STRING),
        (simple("string"), T.DATETIME, T.DATETIME),
        (simple("integer"), T.STRING, T.INTEGER),
        (FORMAT, T.DATETIME, T.STRING),
        (PARSE, T.STRING, T.DATETIME),
        (conversion(NUMBER), T.STRING, T.DECIMAL),
        (conversion(Call("if", (V, Literal("-")))), T.STRING, T.STRING),
        (conversion(Call("if", (V, Literal("-")))), T.INTEGER, T.STRING),
        (conversion(Call("if", (V, V))), T.LIST, T.LIST),
        (conversion(Call("if", (V, Literal("-"), Literal(None)))), T.INTEGER, T.STRING),
        (conversion(Call("if", (V, Literal(None)))), T.INTEGER, T.ANY),
        (conversion(Call("if", (V, Literal(1.5), Literal(2)))), T.STRING, T.DECIMAL),
        (conversion(Call("if", (V, Literal("-"), V))), T.INTEGER, T.ANY),
        (conversion(Call("if-null", (V, Literal(None)))), T.INTEGER, T.INTEGER),
        (conversion(Call("first", (V,))), T.LIST, T.ANY),
        (conversion(Call("first", (V,))), T.STRING, T.STRING),
        (conversion(Call("is-null", (V,))), T.STRING, T.BOOLEAN),
    ],
)
def test_given_type(made: Conversion | None, source: ValueType, expected: ValueType) -> None:
    assert given_type(made, source) is expected


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        (T.STRING, T.STRING, True),
        (T.INTEGER, T.FLOAT, True),
        (T.DECIMAL, T.INTEGER, True),
        (T.STRING, T.DATE, True),
        (T.DATETIME, T.STRING, True),
        (T.ANY, T.LIST, True),
        (T.STRING, T.INTEGER, False),
        (T.INTEGER, T.STRING, False),
        (T.DATE, T.DATETIME, False),
        (T.STRING, T.LIST, False),
        (T.OBJECT, T.STRING, False),
        (T.BOOLEAN, T.INTEGER, False),
    ],
)
def test_fits(given: ValueType, wanted: ValueType, expected: bool) -> None:
    assert fits(given, wanted) is expected


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (T.STRING, T.STRING, None),
        (T.INTEGER, T.STRING, "string"),
        (T.STRING, T.INTEGER, "integer"),
        (T.LIST, T.STRING, None),
        (T.ANY, T.STRING, None),
        (T.DATE, T.DATETIME, None),
    ],
)
def test_a_row_without_a_type_converts_to_the_property_s(
    source: ValueType, target: ValueType, expected: str | None
) -> None:
    made = copying(source, target)
    assert (made.text if made else None) == expected


LOST = "lost"
COPY = "copy"


@pytest.mark.parametrize(
    ("made", "source", "target", "expected"),
    [
        (simple("string"), T.STRING, T.STRING, COPY),
        (simple("string"), T.INTEGER, T.STRING, "integer"),
        (simple("integer"), T.STRING, T.INTEGER, "string"),
        (simple("string"), T.DATE, T.STRING, COPY),
        (simple("list"), T.LIST, T.LIST, COPY),
        (simple("list"), T.STRING, T.LIST, '["string",["first","_."]]'),
        (simple("string"), T.ANY, T.STRING, LOST),
        (simple("string"), T.OBJECT, T.STRING, LOST),
        (simple("string"), None, T.STRING, COPY),
        (None, T.INTEGER, T.STRING, "integer"),
        (None, None, T.STRING, COPY),
        (FORMAT, T.DATE, T.STRING, COPY),
        (FORMAT, T.DATETIME, T.STRING, LOST),
        (PARSE, T.STRING, T.DATETIME, '["datetime-format","%d.%m.%Y","_."]'),
        (PARSE, T.INTEGER, T.DATETIME, LOST),
        (conversion(Call("replace", (Literal(" "), Literal(""), V))), T.STRING, T.STRING, LOST),
        (
            conversion(Call("integer", (Call("decimal", (V,)),))),
            T.STRING,
            T.INTEGER,
            "string",
        ),
    ],
)
def test_way_back(
    made: Conversion | None, source: ValueType | None, target: ValueType, expected: str
) -> None:
    back = way_back(made, source, target)
    text = back.conversion.text if back.conversion else COPY
    assert (text if back.certain else LOST) == expected
