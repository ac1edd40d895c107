"""`converts`: what a sync module says of its rows is what the mapper does."""

from pathlib import Path

import pytest
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import ResolvedMapping
from specbridge.model.values import Direction, Json
from specbridge.runtime.flow import PropertyMapping

from tests.emit.build import flow, prop, row, side
from tests.emit.load import Mapper, load_flow

T = ValueType
VALUES: dict[ValueType, tuple[Json, ...]] = {
    T.STRING: ("Salg", " 007 ", "", "Straße"),
    T.INTEGER: (7, 0, -1),
    T.FLOAT: (1.5, 2.0),
    T.DECIMAL: (1.5, 2, 3.0),
    T.BOOLEAN: (True, False),
    T.DATE: ("2026-01-31",),
    T.DATETIME: ("2026-01-31T10:00:00.1234567Z",),
    T.LIST: (["a", 1], []),
}
TYPES = ("string", "integer", "float", "decimal", "boolean", "list")


def load(mapping: ResolvedMapping, folder: Path) -> tuple[PropertyMapping, Mapper]:
    mapper = load_flow(flow(side("Buyer"), side("Contact"), [mapping]), folder)
    (stated,) = mapper.module.FLOWS[0].properties
    return stated, mapper


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("kind", VALUES, ids=lambda one: one.value)
def test_a_row_that_does_not_convert_hands_every_value_on(
    kind: ValueType, type_: str, tmp_path: Path
) -> None:
    stated, mapper = load(row(prop("a", kind), prop("b", kind), type_), tmp_path)
    if stated.converts:
        assert kind.value != type_
        return
    for value in VALUES[kind]:
        made = mapper.to_target({"a": value}, {})["b"]
        assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("mapping", "converts"),
    [
        (row("a", "b", None), False),
        (row("a", "b"), False),
        (row("a", "b", '["replace"," ","","_."]'), True),
        (row("a", prop("b", T.INTEGER), "integer", "string"), True),
        (row("a", "b", "string", "integer"), True),
        (row("a", "b", "string", "integer", Direction.TO_TARGET), False),
        (row("a", "b", "integer", None, Direction.TO_SOURCE), False),
        (row("a", "b", "integer", None, Direction.NONE), False),
        (row("a", "b", "integer", reference=("Buyers", "Contacts")), False),
        (row(prop("a", T.ANY), "b"), True),
    ],
    ids=[
        *("no type", "the type that it has", "expression", "another type", "on the way back"),
        *("ahead alone", "back alone", "held", "reference", "type not known"),
    ],
)
def test_a_row_converts_in_the_directions_in_which_it_is_kept_equal(
    mapping: ResolvedMapping, converts: bool, tmp_path: Path
) -> None:
    assert load(mapping, tmp_path)[0].converts is converts
