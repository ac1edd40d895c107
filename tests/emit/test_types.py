"""What resolve says that a conversion gives is what the emitted expression gives."""

from hypothesis import given, settings
from hypothesis import strategies as st
from specbridge.emit.body.expressions import Typed, compile_expression
from specbridge.emit.python.layout import one_line
from specbridge.model.conversion import Call, Conversion, Expression, Literal, Value, ValueType
from specbridge.model.values import Json
from specbridge.resolve.tables.conversions import given_type
from specbridge.runtime import conversions
from specbridge.runtime.conversions import ConversionError

T = ValueType
NUMBER = (int, float)
KINDS: dict[ValueType, tuple[str, tuple[type, ...]]] = {
    T.STRING: ("str", (str,)),
    T.INTEGER: ("int", (int,)),
    T.FLOAT: ("float", NUMBER),
    T.DECIMAL: ("float", NUMBER),
    T.BOOLEAN: ("bool", (bool,)),
    T.DATE: ("str", (str,)),
    T.DATETIME: ("str", (str,)),
    T.LIST: ("list[Json]", (list,)),
    T.OBJECT: ("dict[str, Json]", (dict,)),
    T.ANY: ("Json", (str, int, float, bool, list, dict)),
}
"""For each type of a property: what the mapper declares, and what its values are in Python."""

VALUES: dict[ValueType, st.SearchStrategy[Json]] = {
    T.STRING: st.sampled_from(["", "a", "12", "1.5", "true"]),
    T.INTEGER: st.integers(-3, 3),
    T.FLOAT: st.sampled_from([0.0, 1.5]),
    T.DECIMAL: st.sampled_from([0, 2.5]),
    T.BOOLEAN: st.booleans(),
    T.DATE: st.just("2026-11-26"),
    T.DATETIME: st.just("2026-11-26T10:00:00Z"),
    T.LIST: st.sampled_from([[], ["a"], [1, "b"]]),
    T.OBJECT: st.just({"a": 1}),
    T.ANY: st.sampled_from(["x", 1, True, [2]]),
}

UNARY = ("string", "integer", "float", "decimal", "boolean", "list", "first", "abs", "not")
TESTS = ("is-empty", "is-null", "is-decimal", "is-boolean")


def calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Build calls over expressions."""
    return (
        st.builds(Call, st.sampled_from((*UNARY, *TESTS)), st.tuples(inner))
        | st.builds(Call, st.sampled_from(("if", "if-null", "eq", "gt")), st.tuples(inner, inner))
        | st.builds(Call, st.just("if"), st.tuples(inner, inner, inner))
    )


literals = st.sampled_from(["", "a", "7"]) | st.integers(0, 2) | st.booleans() | st.none()
expressions = st.recursive(
    st.just(Value()) | st.builds(Literal, literals | st.just(1.5)), calls, max_leaves=6
)
sources = st.sampled_from(list(T)).flatmap(
    lambda kind: st.tuples(st.just(kind), VALUES[kind] | st.none())
)


@settings(max_examples=400)
@given(expressions, sources)
def test_a_conversion_gives_values_of_its_type(
    expression: Expression, source: tuple[ValueType, Json]
) -> None:
    kind, value = source
    declared, _ = KINDS[kind]
    compiled = compile_expression(expression, Typed(node="value", type=declared), '"p"')
    try:
        found = eval(one_line(compiled.node), {"conversions": conversions, "value": value})
    except ConversionError:
        return
    told = given_type(Conversion(text="…", expression=expression), kind)
    _, types = KINDS[told]
    assert found is None or (
        isinstance(found, types) and (bool in types or not isinstance(found, bool))
    ), (one_line(compiled.node), told)
