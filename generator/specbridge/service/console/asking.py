"""What a page is asked for: the store, who looks, what is to be shown; and words that pages share."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from string import punctuation
from typing import TypeVar
from urllib.parse import quote, unquote, urlencode

from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.pages.console import Beside, Button, Cell, ConsoleView, Form, Input
from specbridge.pages.texts import shortened
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.packages import KnownFlow, resource_names
from specbridge.runtime.store.seen.looking import company_names, hold_record
from specbridge.runtime.store.seen.naming import Place, names_of
from specbridge.runtime.store.tables.rows import storable
from specbridge.service.console.jobs import Jobs, Work

Shown = TypeVar("Shown")
AT_ONCE = 50
"""Rows of a page; later ones are found by the last row's key."""


@dataclass(frozen=True)
class Asking:
    """A page that is asked for; `query` holds what stands behind the question mark."""

    store: Store
    flows: Sequence[KnownFlow]
    query: Mapping[str, str]
    jobs: Jobs
    work: Work

    @cached_property
    def systems(self) -> Mapping[int, tuple[str, str]]:
        """Return the systems and names of resources, by number."""
        return resource_names(self.store.connection)

    @cached_property
    def companies(self) -> Mapping[int, str]:
        """Return what the companies are called, by number."""
        return company_names(self.store.connection)

    @cached_property
    def by_number(self) -> Mapping[int | None, KnownFlow]:
        """Return the flows by their numbers; there is none without a number."""
        return {flow.number: flow for flow in self.flows}

    @property
    def several(self) -> bool:
        """Return whether flows of several companies are in the store: then each row says whose it is."""
        return len({flow.company for flow in self.flows}) > 1

    def wanted(self) -> list[KnownFlow]:
        """Return the flows that the page is asked for: one, those of a company, or all."""
        flow, company = self.number("flow"), self.number("company")
        mine = [one for one in self.flows if company in (None, one.company)]
        return [one for one in mine if flow in (None, one.number)]

    def flow(self, number: int | None) -> KnownFlow:
        """Return the flow of a number; raises PackageError where there is none."""
        if number not in self.by_number:
            raise PackageError("the store knows no such flow")
        return self.by_number[number]

    def number(self, name: str) -> int | None:
        """Return a number of the query, None where it is not there or none."""
        return read_number(self.query.get(name, ""))

    def called(self, flow: KnownFlow) -> str:
        """Return what a flow is called, with its company where there are several."""
        return f"{self.whose(flow.company)}{flow.name}"

    def whose(self, company: int) -> str:
        """Return what stands before something of a company where there are several, "" before all else."""
        name = self.companies[company] if self.several else ""
        return f"{shortened(name, _OF_NAME)}: " if name else ""

    def names(self, places: Iterable[Place]) -> Mapping[Place, str]:
        """Return what records are called."""
        return names_of(self.store.connection, places)

    def beside(self, place: Place) -> Beside:
        """Return a record as it stands beside another, with all that the store holds of it."""
        system, resource = self.systems[place[0]]
        held = hold_record(self.store.connection, *place)
        if held is None:
            return Beside(title=place[1], note=f"{system} {resource}, which was never read")
        gone = ", which is gone" if held.gone else ""
        note = f"{system} {resource} {place[1]}{gone}; of {held.modified_at}"
        properties = dict(flatten(held.properties))
        return Beside(title=held.name or place[1], note=note, properties=properties)

    def filter(self, action: str) -> Form:
        """Return the form that asks for the rows of one flow, or of one company where there are several."""
        flow, company = self.number("flow"), self.number("company")
        flows = [("", "all", flow is None)]
        flows += [(str(x.number), self.called(x), x.number == flow) for x in self.flows]
        inputs = [Input(name="flow", label="Flow", choices=flows)]
        if self.several:
            known = sorted({one.company for one in self.flows})
            choices = [("", "all", company is None)]
            choices += [
                (str(n), shortened(self.companies[n], _OF_NAME) or "without a name", n == company)
                for n in known
            ]
            inputs.append(Input(name="company", label="Company", choices=choices))
        return Form(action=action, buttons=[Button(text="Show")], inputs=inputs, asks=True)

    def one_page(
        self, action: str, found: Iterable[Shown], key: Callable[[Shown], Mapping[str, object]]
    ) -> tuple[list[Shown], str]:
        """Return the first rows of a list, and the address of those after them, "" where there are none.

        `key` is of the last row that is shown; of `found` no more than one row beyond it is read.
        """
        part = list(islice(found, AT_ONCE + 1))
        shown = part[:AT_ONCE]
        if len(part) == len(shown):
            return shown, ""
        kept = {name: self.query[name] for name in _KEPT if self.query.get(name)}
        return shown, address(action, **kept, **key(shown[-1]))


_KEPT = ("flow", "company", "resource", "words", "number")

Showing = Callable[[Asking], ConsoleView]
"""What makes a page; raises PackageError where there is nothing of the kind."""


def address(path: str, **query: object) -> str:
    """Return an address with a query, whatever its values hold."""
    return f"{path}?{urlencode({name: str(value) for name, value in query.items()})}"


def read_number(text: str) -> int | None:
    """Return a number as the store gives it, None for any other text."""
    # More digits than a database's number can have would be refused by its driver.
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None


_DIGITS = 19


def record_cell(place: Place, names: Mapping[Place, str], value: str = "") -> Cell:
    """Return a record in a list: its name, its id, and the value that it has."""
    name, id_ = in_a_list(names.get(place, "")), in_a_list(place[1])
    if value:
        return Cell(text=in_a_list(value), note=name or id_, of=id_ if name else "")
    return Cell(text=name or id_, note=id_)


def in_a_list(text: str) -> str:
    """Return a text as rows show it: one that is longer than a few lines is whole on its record's page."""
    return shortened(text, _OF_ROW)


_OF_ROW = 300
_OF_NAME = 60


def pair_address(flow: int, source: str, target: str) -> str:
    """Return the address of a pair's page."""
    return address("/pair", flow=flow, source=source, target=target)


def thing_address(place: Place) -> str:
    """Return the address of the page of a record and all that is joined with it."""
    return address("/thing", resource=place[0], id=place[1])


def sent(id_: str) -> str:
    """Return an id as a form holds it unseen: pages show some letters as others, and browsers end lines anew."""
    return quote(id_, safe=_SENT_AS_IT_IS, errors="replace")


def received(text: str) -> str:
    """Return the id that a form held."""
    return storable(unquote(text))


_SENT_AS_IT_IS = punctuation.replace("%", " ")


def as_text(value: Json) -> str:
    """Return a value of a record as people read it: texts as they are, all else as JSON."""
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def instant(seconds: float | None) -> str:
    """Return an instant (seconds since 1970) in UTC."""
    return (
        "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    )


def flatten(properties: Mapping[str, Json], before: str = "") -> Iterable[tuple[str, str]]:
    """Yield a record's properties as texts, by dotted names."""
    for name, value in properties.items():
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", as_text(value)
