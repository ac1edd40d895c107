"""What the store writes as JSON comes back as it was; equal values have equal texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.model.values import Json
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.records import Create, Refused, Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.rows import read_json, read_object, write_json

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow

TEXT = st.text(st.characters())  # half surrogate pairs and NUL included: JSON may hold them escaped
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXT, inner)),
    max_leaves=20,
)
HALF = "half \ud800 a pair"
HUGE = 10**30


@given(value=VALUES)
def test_a_value_comes_back_as_it_was(value: Json) -> None:
    text = write_json(value)
    assert repr(read_json(text)) == repr(value) or read_json(text) == value
    assert text.encode()
    assert "\0" not in text


@given(value=st.dictionaries(TEXT, SCALARS))
def test_the_order_of_names_makes_no_difference(value: dict[str, Json]) -> None:
    turned = dict(reversed(value.items()))
    assert write_json(turned) == write_json(value)
    assert read_object(write_json(turned)) == value


def test_odd_texts_and_huge_numbers_go_through_a_run(bench: Bench) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    bench.ledgerly.put("Persons", {"Name": HALF, "Mail": f"{HALF}@x.example", "Phone": HUGE})
    bench.ledgerly.put("Persons", {"Name": "nul \0 inside", "Mail": "nul\0@x.example", "Phone": 1})
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert [row["name"] for row in bench.acme.rows("users")] == [HALF, "nul \0 inside"]
    assert HUGE in [row["phone"] for row in bench.acme.rows("users")]
    assert bench.sync(full=True).writes == 0


@pytest.mark.parametrize("odd", [HALF, "nul \0 inside"])
def test_an_odd_reference_waits_and_an_odd_refusal_is_a_dead_letter(bench: Bench, odd: str) -> None:
    bench.flows = (firm_flow(), person_flow(ALWAYS, ALWAYS))
    bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example", "FirmId": odd})
    bench.ledgerly.put("Persons", {"Name": "Bo", "Mail": "b@x.example", "FirmId": None})

    def refuse(write: Write) -> Refused | None:
        bo = isinstance(write, Create) and "Bo" in write.properties.values()
        return Refused(key=write.key, status=422, reason=odd) if bo else None

    bench.acme.refuse = refuse
    report = bench.sync()
    assert report.outcome is RunOutcome.LEFT_OVER
    assert [row["name"] for row in bench.acme.rows("users")] == ["Ann"]
    assert bench.sync(full=True).writes == 0
