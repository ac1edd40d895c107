"""Changes as JSON Patch operations."""

import pytest
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.writing.patch import build_bare_patch, build_patch, pointer


@pytest.mark.parametrize(
    ("changes", "current", "expected"),
    [
        pytest.param(
            {("Name",): "Salg AS"},
            {"Id": 1, "Name": "Salg"},
            [
                {"op": "test", "path": "/Name", "value": "Salg"},
                {"op": "replace", "path": "/Name", "value": "Salg AS"},
            ],
            id="changed",
        ),
        pytest.param(
            {("Name",): None},
            {"Name": "Salg"},
            [
                {"op": "test", "path": "/Name", "value": "Salg"},
                {"op": "replace", "path": "/Name", "value": None},
            ],
            id="emptied",
        ),
        pytest.param(
            {("Name",): "Salg"},
            {},
            [{"op": "replace", "path": "/Name", "value": "Salg"}],
            id="not-known-before",
        ),
        pytest.param(
            {("MailAddress", "City"): "Oslo"},
            {"MailAddress": {"City": "Bergen", "ZipCode": "5003"}},
            [
                {"op": "test", "path": "/MailAddress/City", "value": "Bergen"},
                {"op": "replace", "path": "/MailAddress/City", "value": "Oslo"},
            ],
            id="nested",
        ),
        pytest.param(
            {("MailAddress", "City"): "Oslo", ("MailAddress", "ZipCode"): "0150", ("Name",): "A"},
            {"MailAddress": None, "Name": None},
            [
                {"op": "test", "path": "/Name", "value": None},
                {"op": "test", "path": "/MailAddress", "value": None},
                {"op": "replace", "path": "/Name", "value": "A"},
                {
                    "op": "replace",
                    "path": "/MailAddress",
                    "value": {"City": "Oslo", "ZipCode": "0150"},
                },
            ],
            id="object-that-is-null",
        ),
    ],
)
def test_patch(changes: dict[Path, Json], current: dict[str, Json], expected: list[Json]) -> None:
    assert build_patch(changes, current) == expected
    bare = [one for one in expected if isinstance(one, dict) and one["op"] != "test"]
    assert build_bare_patch(changes, current) == bare


def test_pointer_escapes() -> None:
    assert pointer(("a/b", "c~d")) == "/a~1b/c~0d"
