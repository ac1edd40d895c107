"""Values in nested records and lists are read and set without touching what lies beside them."""

import pytest
from specbridge.model.values import Json, Path
from specbridge.runtime.decide.equality import MISSING, Value
from specbridge.runtime.decide.paths import (
    drop_place,
    make_place,
    read_place,
    set_place,
    whole_path,
)
from specbridge.runtime.flow import Condition

WORK = (Condition(path=("phones[]", "kind"), value="work"),)
RECORD: dict[str, Json] = {
    "name": "Ann",
    "address": {"city": "Oslo", "zip": "0150"},
    "phones": [{"kind": "home", "number": "1"}, {"kind": "work", "number": "2", "note": "n"}],
    "tags": ["a", "b"],
}


@pytest.mark.parametrize(
    ("path", "conditions", "value"),
    [
        pytest.param(("name",), (), "Ann", id="plain"),
        pytest.param(("address", "city"), (), "Oslo", id="nested"),
        pytest.param(("address", "street", "no"), (), MISSING, id="absent"),
        pytest.param(("name", "first"), (), MISSING, id="not-an-object"),
        pytest.param(("phones[]", "number"), (), "1", id="first-element"),
        pytest.param(("phones[]", "number"), WORK, "2", id="chosen-element"),
        pytest.param(("tags[]",), (), "a", id="element-itself"),
        pytest.param(("faxes[]", "number"), (), MISSING, id="no-list"),
        pytest.param(("name[]",), (), "Ann", id="one-value-for-a-list"),
        pytest.param(("address[]", "zip"), (), "0150", id="one-object-for-a-list"),
    ],
)
def test_read(path: Path, conditions: tuple[Condition, ...], value: Value) -> None:
    assert read_place(RECORD, make_place(path, conditions)) == value


def test_l3_setting_one_element_keeps_the_rest() -> None:
    changed = set_place(RECORD, make_place(("phones[]", "number"), WORK), "3")
    assert changed["phones"] == [
        {"kind": "home", "number": "1"},
        {"kind": "work", "number": "3", "note": "n"},
    ]
    assert RECORD["phones"] != changed["phones"]


def test_l3_setting_another_element_keeps_the_one_value_that_stood_for_the_list() -> None:
    record: dict[str, Json] = {"phones": {"kind": "home", "number": "1"}}
    changed = set_place(record, make_place(("phones[]", "number"), WORK), "3")
    assert changed["phones"] == [{"kind": "home", "number": "1"}, {"kind": "work", "number": "3"}]


EMPTIED: list[Json] = [
    {"kind": "home", "number": "1"},
    {"kind": "work", "number": None, "note": "n"},
]


@pytest.mark.parametrize(
    ("path", "conditions", "changes"),
    [
        pytest.param(("address", "city"), (), {"address": {"zip": "0150"}}, id="nested"),
        pytest.param(("phones[]", "number"), WORK, {"phones": EMPTIED}, id="element"),
        pytest.param(("address", "street", "no"), (), {}, id="absent"),
    ],
)
def test_what_is_dropped_is_absent_and_a_list_keeps_its_elements(
    path: Path, conditions: tuple[Condition, ...], changes: dict[str, Json]
) -> None:
    before = str(RECORD)
    assert drop_place(RECORD, make_place(path, conditions)) == {**RECORD, **changes}
    assert str(RECORD) == before


def test_an_element_that_is_not_there_is_made_as_its_conditions_say() -> None:
    changed = set_place({}, make_place(("phones[]", "number"), WORK), "3")
    assert changed == {"phones": [{"kind": "work", "number": "3"}]}


def test_n4_nested_names_share_one_object() -> None:
    changed = set_place({}, make_place(("address", "city")), "Oslo")
    assert set_place(changed, make_place(("address", "zip")), "1") == {
        "address": {"city": "Oslo", "zip": "1"}
    }


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        pytest.param(("a", "b"), ("a", "b"), id="no-list"),
        pytest.param(("a", "b[]", "c"), ("a", "b"), id="list"),
    ],
)
def test_a_list_is_written_whole(path: Path, whole: Path) -> None:
    assert whole_path(path) == whole
