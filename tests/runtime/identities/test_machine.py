"""A state machine that plays people, hands, packages and crashes on companies of any shape.

What test_identities.py plays by the thousand as lists of deeds, Hypothesis explores here rule by rule; the
laws are asked for in between.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.runtime.identities.doing import do
from tests.runtime.identities.drawing import (
    FAULTS,
    FIELDS,
    KEY_VALUES,
    KINDS,
    RUNS,
    Company,
    Deed,
    companies,
)
from tests.runtime.identities.holding import check_all
from tests.runtime.identities.playing import Player
from tests.runtime.kept import KeptStore, kept_quietly

NUMBER = st.integers(0, 5)
QUICK = settings(
    deadline=None,
    database=None,
    max_examples=30,
    stateful_step_count=20,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """A company, a store, and everything that may happen to them."""

    kept: KeptStore
    player: Player

    @initialize(company=companies())
    def begin(self, company: Company) -> None:
        self.player = Player(self.kept, company)

    def _do(self, what: str, number: int = 0, **more: object) -> None:
        names = self.player.company.resources
        self.player.clock.advance(1)
        do(self.player, Deed(what, names[number % len(names)], **more))  # type: ignore[arg-type]  # a deed's own

    @rule(
        number=NUMBER,
        one=st.sampled_from(KEY_VALUES["one"]),
        two=st.sampled_from(KEY_VALUES["two"]),
        kind=st.sampled_from(KINDS),
    )
    def add_a_record(self, number: int, one: str, two: str, kind: str) -> None:
        self._do("add", number, keys=(one, two), kind=kind)

    @rule(number=NUMBER, index=NUMBER, field=st.sampled_from(FIELDS))
    def edit_a_record(self, number: int, index: int, field: str) -> None:
        self._do("edit", number, index=index, field=field)

    @rule(number=NUMBER, index=NUMBER, field=st.sampled_from(FIELDS))
    def empty_a_property(self, number: int, index: int, field: str) -> None:
        self._do("empty", number, index=index, field=field)

    @rule(number=NUMBER, index=NUMBER)
    def delete_a_record(self, number: int, index: int) -> None:
        self._do("delete", number, index=index)

    @rule(number=NUMBER, index=NUMBER)
    def split_a_link(self, number: int, index: int) -> None:
        self._do("split", number, index=index)

    @rule(number=NUMBER, index=NUMBER)
    def pin_two_records(self, number: int, index: int) -> None:
        self._do("pin", number, index=index)

    @rule(index=st.integers(0, len(RUNS) - 1))
    def run(self, index: int) -> None:
        self._do("run", index=index)

    @rule(index=NUMBER, fault=st.sampled_from(FAULTS))
    def run_into_trouble(self, index: int, fault: str) -> None:
        self._do("broken", index=index, field=fault)

    @rule()
    def the_laws_hold(self) -> None:
        self.player.settle()
        check_all(self.player)

    def teardown(self) -> None:
        """Whatever happened: the company comes to rest, and the laws hold."""
        if hasattr(self, "player"):
            self.the_laws_hold()


@pytest.mark.timeout(900)
def test_whatever_happens_a_company_comes_to_rest() -> None:
    with kept_quietly() as kept:

        class OnThisStore(Machine):
            pass

        OnThisStore.kept = kept
        run_state_machine_as_test(OnThisStore, settings=QUICK)
