"""A state machine that plays people, clocks, faults and crashes against the real runtime.

What test_histories.py plays by the thousand as lists of steps, Hypothesis explores here rule by rule: it
shrinks to the rules that matter, and the laws are asked for after every sync that nothing disturbed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.runtime.histories import FAULTS, FIRM_NAMES, MAILS, NAMES, TERMS, History, Step, Terms
from tests.runtime.kept import KeptStore, kept_quietly

SYSTEM = st.sampled_from(["ledgerly", "acme"])
INDEX = st.integers(0, 5)
QUICK = settings(
    deadline=None,
    database=None,
    stateful_step_count=20,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Machine(RuleBasedStateMachine):
    """Two systems, a store, and everything that may happen to them."""

    kept: KeptStore
    history: History

    def _play(self, what: str, system: str, **more: object) -> None:
        self.history.play_one(Step(what=what, system=system, **more))  # type: ignore[arg-type]  # a step's own

    @initialize(terms=TERMS)
    def begin(self, terms: Terms) -> None:
        self.history = History(self.kept, terms)
        self.undisturbed = True

    @rule(system=SYSTEM, name=st.sampled_from(NAMES), mail=st.sampled_from(MAILS))
    def add_a_person(self, system: str, name: str, mail: str) -> None:
        self._play("add", system, name=name, mail=mail)

    @rule(system=SYSTEM, index=INDEX, name=st.sampled_from(NAMES))
    def rename_or_clear(self, system: str, index: int, name: str) -> None:
        self._play("edit_name", system, index=index, name=name)

    @rule(system=SYSTEM, index=INDEX, mail=st.sampled_from(MAILS))
    def change_or_clear_an_address(self, system: str, index: int, mail: str) -> None:
        self._play("edit_mail", system, index=index, mail=mail)

    @rule(system=SYSTEM, index=INDEX, number=INDEX)
    def change_or_clear_a_number(self, system: str, index: int, number: int) -> None:
        self._play("edit_phone", system, index=index, number=number)

    @rule(system=SYSTEM, index=INDEX, number=INDEX)
    def refer_to_a_firm(self, system: str, index: int, number: int) -> None:
        self._play("refer", system, index=index, number=number)

    @rule(system=SYSTEM, name=st.sampled_from(FIRM_NAMES))
    def found_a_firm(self, system: str, name: str) -> None:
        self._play("firm", system, name=name)

    @rule(system=SYSTEM, index=INDEX, name=st.sampled_from(FIRM_NAMES))
    def rename_a_firm(self, system: str, index: int, name: str) -> None:
        self._play("rename_firm", system, index=index, name=name)

    @rule(system=SYSTEM, index=INDEX)
    def delete_a_person(self, system: str, index: int) -> None:
        self._play("delete", system, index=index)

    @rule(system=SYSTEM, seconds=st.integers(-90, 90))
    def skew_a_clock(self, system: str, seconds: int) -> None:
        self._play("skew", system, number=seconds)

    @rule(system=SYSTEM, kind=st.sampled_from([*FAULTS, "refuse", "meddle"]), after=INDEX)
    def prepare_trouble(self, system: str, kind: str, after: int) -> None:
        self._play(kind, system, number=after)
        self.undisturbed = False

    @rule(system=SYSTEM)
    def sync(self, system: str) -> None:
        self._play("sync", system)

    @precondition(lambda self: self.undisturbed)
    @rule()
    def the_laws_hold(self) -> None:
        self.history.settle()
        self.history.check()

    def teardown(self) -> None:
        """Whatever happened: the systems come to rest, equal, with no edit lost."""
        if hasattr(self, "history"):
            self.history.end_trouble()
            self.history.settle()
            self.history.check()


@contextmanager
def machine_on(url: str) -> Iterator[type[Machine]]:
    with kept_quietly(url) as kept:

        class OnThisStore(Machine):
            pass

        OnThisStore.kept = kept
        yield OnThisStore


@pytest.mark.timeout(900)
def test_s6_whatever_happens_the_systems_come_to_rest() -> None:
    with machine_on("sqlite://") as machine:
        run_state_machine_as_test(machine, settings=settings(QUICK, max_examples=200))


@pytest.mark.timeout(900)
def test_s6_whatever_happens_the_systems_come_to_rest_on_postgresql(postgresql_url: str) -> None:
    with machine_on(postgresql_url) as machine:
        run_state_machine_as_test(machine, settings=settings(QUICK, max_examples=25))
