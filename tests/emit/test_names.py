"""Variables of generated mappers: words that tell them apart come before numbers."""

import ast
from collections.abc import Iterator

import pytest
from specbridge.emit.package import emit_package
from specbridge.model.conversion import ValueType
from specbridge.model.resolved import ResolvedMapping

from tests.emit.build import flow, package, prop, row, side
from tests.emit.load import RENDERER

T = ValueType
TRIED = '["if-null",["integer","_."],["string","_."]]'


def assigned(*rows: ResolvedMapping) -> list[str]:
    """Return the variables that the functions of a mapper assign, each once, in their order."""
    made = flow(side("Buyer"), side("Contact"), rows)
    text = emit_package(package(made), RENDERER)["mappers/a_to_b.py"]
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    names = sorted(_stored(functions), key=lambda name: (name.lineno, name.col_offset))
    return list(dict.fromkeys(name.id for name in names if name.id != "element"))


def _stored(functions: list[ast.FunctionDef]) -> Iterator[ast.Name]:
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node


def phones(*conditions: tuple[str, str | float | bool | None]) -> list[ResolvedMapping]:
    """Return a row for each condition on the elements of one list."""
    return [
        row(prop("phones[].number", T.STRING, (f"phones[].{name}", value)), f"to{index}")
        for index, (name, value) in enumerate(conditions)
    ]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        pytest.param(
            phones(("kind", "work"), ("kind", "home")),
            ["work_phones", "home_phones"],
            id="texts",
        ),
        pytest.param(
            phones(("kind", 1), ("kind", 2), ("kind", 2.5)),
            ["kind_1_phones", "kind_2_phones", "kind_2_5_phones"],
            id="numbers",
        ),
        pytest.param(
            phones(("kind", -1), ("kind", 1), ("kind", -2.5)),
            ["kind_minus_1_phones", "kind_1_phones", "kind_minus_2_5_phones"],
            id="numbers below zero",
        ),
        pytest.param(
            phones(("main", True), ("main", False), ("main", None)),
            ["main_phones", "not_main_phones", "no_main_phones"],
            id="truths",
        ),
        pytest.param(
            phones(("kind", "work"), ("use", "work"), ("use", "Work")),
            ["work_phones", "use_work_phones", "work_phones_2"],
            id="one value of two properties",
        ),
        pytest.param(
            [row("home.place.city", "a"), row("work.place.city", "b")],
            ["home", "place", "work", "work_place"],
            id="one name in two objects",
        ),
    ],
)
def test_what_is_read_is_told_apart_by_words(rows: list[ResolvedMapping], names: list[str]) -> None:
    # What is written follows the same words, with the record's own name before them.
    found = [name for name in assigned(*rows) if not name.startswith(("contact", "buyer"))]
    assert found == names


def test_what_is_written_is_told_apart_by_words() -> None:
    found = assigned(*phones(("kind", 1), ("kind", 2)), row("phones[].note", "note"))
    written = [name for name in found if name.startswith("buyer")]
    assert sorted(written) == [
        "buyer",
        "buyer_all_phones",
        "buyer_kind_1_phones",
        "buyer_kind_2_phones",
        "buyer_phones",
    ]


def test_values_that_are_converted_are_told_apart_by_words() -> None:
    tried = [
        row(prop("home.zip", T.ANY), prop("zip", T.ANY), TRIED),
        row(prop("work.zip", T.ANY), prop("code", T.ANY), TRIED),
        row(prop("work.zip", T.ANY), prop("other", T.ANY), TRIED),
    ]
    assert [name for name in assigned(*tried) if "zip" in name] == [
        "zip",
        "work_zip",
        "zip_for_other",
    ]


def test_values_of_rows_with_conditions_on_the_record_are_told_apart_by_those() -> None:
    rows = [
        row(prop("OrgNo", T.ANY, ("country", value)), prop(f"to{index}", T.ANY), TRIED)
        for index, value in enumerate(("NO", "SE"))
    ]
    found = assigned(*rows)
    assert [name for name in found if "org" in name] == ["org_no", "se_org_no"]


def test_values_of_one_list_are_told_apart_by_what_selects_its_elements() -> None:
    kinds = ("work", "home", "fax", "sms")
    rows = [
        row(prop("phones[].number", T.STRING, ("phones[].kind", kind)), name, TRIED)
        for kind, name in zip(kinds, ("a", "b.a", "c.a", "d.a"), strict=True)
    ]
    found = [name for name in assigned(*rows) if "number" in name]
    assert found == ["number", "phones_number", "number_for_a", "sms_number"]


def test_references_are_told_apart_by_words() -> None:
    rows = [
        row(prop(name, T.INTEGER), prop("owner", T.INTEGER), reference=("Buyers", "Contacts"))
        for name in ("parent", "payer")
    ]
    found = assigned(*rows)
    assert [name for name in found if "owner" in name] == ["owner", "owner_from_payer"]
