"""Contacts' companies: several of them, one of which may be the primary one; kept apart from the records."""

from collections.abc import Iterator, Sequence
from typing import Any

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.refusals import envelope, invalid, not_found
from specbridge.sandbox.hubspot.state import Held, State
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row

_MOST = 100
# The types from a contact to a company, and from a company to a contact.
_PRIMARY, _PLAIN = {"contacts": 1, "companies": 2}, {"contacts": 279, "companies": 280}
_KINDS = {
    **dict.fromkeys(("contact", "contacts", "0-1"), "contacts"),
    **dict.fromkeys(("company", "companies", "0-2"), "companies"),
}
_OTHER = {"contacts": "companies", "companies": "contacts"}


class Associations:
    """The calls by which contacts and companies are associated."""

    def __init__(self, state: State) -> None:
        """Keep the state."""
        self._state = state

    def routes(self) -> Sequence[tuple[str, str, Any]]:
        """Return method, path and handler of each call."""
        one = "/crm/v4/objects/{source}/{identifier}/associations"
        many = "/crm/v4/associations/{source}/{target}/batch"
        return (
            ("GET", f"{one}/{{target}}", self._list),
            ("PUT", f"{one}/default/{{target}}/{{other}}", self._put_default),
            ("DELETE", f"{one}/{{target}}/{{other}}", self._delete),
            ("POST", f"{many}/read", self._read_many),
            ("POST", f"{many}/create", self._create_many),
            ("POST", f"{many}/associate/default", self._associate_many),
            ("POST", f"{many}/archive", self._archive_many),
        )

    def _list(self, call: Call, source: str, identifier: str, target: str) -> Answer:
        kind, other = _pair(source, target)
        held = self._state.find(kind, identifier)
        return Answer(body={"results": list(_listed(self._state, kind, held.id, other))})

    def _put_default(
        self, call: Call, source: str, identifier: str, target: str, other: str
    ) -> Answer:
        self._join(*_pair(source, target), identifier, other, primary=False)
        return Answer(body={"status": "COMPLETE", "results": []})

    def _delete(self, call: Call, source: str, identifier: str, target: str, other: str) -> Answer:
        self._part(*_pair(source, target), identifier, other)
        return Answer(status=204)

    def _read_many(self, call: Call, source: str, target: str) -> Answer:
        kind, other = _pair(source, target)
        results: list[Row] = []
        errors: list[Row] = []
        for given in _inputs(call):
            identifier = str(given["id"])
            known = self._state.current(kind, identifier)
            listed = list(_listed(self._state, kind, known, other))
            if listed:
                results.append({"from": {"id": identifier}, "to": listed})
            else:
                text = f"No {other} is associated with {identifier}."
                errors.append(_error(text, "OBJECT_NOT_FOUND", identifier))
        return _complete(results, errors)

    def _create_many(self, call: Call, source: str, target: str) -> Answer:
        kind, other = _pair(source, target)
        results: list[Row] = []
        errors: list[Row] = []
        for given in _inputs(call):
            types = {one["associationTypeId"] for one in given["types"]}
            if not types or types - {_PRIMARY[kind], _PLAIN[kind]}:
                raise invalid("the type of the association is not known")
            first, second = str(given["from"]["id"]), str(given["to"]["id"])
            try:
                self._join(kind, other, first, second, primary=_PRIMARY[kind] in types)
            except RefusalError:
                text = f"One of {first} and {second} does not exist."
                errors.append(_error(text, "OBJECT_NOT_FOUND", first))
            else:
                results.append(_made(kind, first, other, second))
        return _complete(results, errors, made=True)

    def _associate_many(self, call: Call, source: str, target: str) -> Answer:
        kind, other = _pair(source, target)
        pairs = [(str(one["from"]["id"]), str(one["to"]["id"])) for one in _inputs(call)]
        for first, second in pairs:
            self._join(kind, other, first, second, primary=False)
        return _complete([_made(kind, first, other, second) for first, second in pairs], [])

    def _archive_many(self, call: Call, source: str, target: str) -> Answer:
        kind, other = _pair(source, target)
        for given in _inputs(call):
            for one in given["to"]:
                self._part(kind, other, str(given["from"]["id"]), str(one["id"]))
        return Answer(status=204)

    def _join(self, kind: str, other: str, first: str, second: str, *, primary: bool) -> None:
        ids = {
            kind: self._state.find(kind, first).id,
            other: self._state.find(other, second).id,
        }
        join(self._state, ids["contacts"], ids["companies"], primary=primary)

    def _part(self, kind: str, other: str, first: str, second: str) -> None:
        ids = {kind: self._state.current(kind, first), other: self._state.current(other, second)}
        part(self._state, ids["contacts"], ids["companies"])


def join(state: State, contact: str, company: str, *, primary: bool) -> None:
    """Associate a contact with a company; the primary mark moves to it where it is asked for."""
    plain = state.plain.setdefault(contact, [])
    marked = state.primary.setdefault(contact, [])
    first = not plain and state.does(Doubt.FIRST_IS_PRIMARY)
    if company not in plain:
        plain.append(company)
    if (primary or first) and company not in marked:
        if state.does(Doubt.SEVERAL_PRIMARIES):
            marked.append(company)
        else:
            marked[:] = [company]
    _tell(state, contact)


def part(state: State, contact: str, company: str) -> None:
    """End an association, whatever its types; one that there is not is ended already."""
    for kept in (state.plain, state.primary):
        if company in kept.get(contact, ()):
            kept[contact].remove(company)
    _tell(state, contact)


def associate_new(state: State, kind: str, held: Held, asked: object) -> None:
    """Make the associations that a new contact comes with."""
    for one in asked if isinstance(asked, list) and kind == "contacts" else ():
        types = {spec["associationTypeId"] for spec in one["types"]}
        company = state.find("companies", str(one["to"]["id"]))
        join(state, held.id, company.id, primary=_PRIMARY["contacts"] in types)


def drop_associations(state: State, kind: str, identifier: str) -> None:
    """End all associations of a record."""
    for kept in (state.plain, state.primary):
        if kind == "contacts":
            kept.pop(identifier, None)
        for companies in kept.values():
            if kind == "companies" and identifier in companies:
                companies.remove(identifier)


def move_associations(state: State, kind: str, old: str, new: str) -> None:
    """Give a merged record's associations to the one that it was merged into."""
    for kept in (state.plain, state.primary):
        if kind == "contacts" and old in kept:
            mine = kept.setdefault(new, [])
            mine += [one for one in kept.pop(old) if one not in mine]
            if kept is state.primary:
                del mine[1:]
        for contact, companies in kept.items():
            if kind == "companies" and old in companies:
                kept[contact] = list(dict.fromkeys(new if c == old else c for c in companies))


def shown_with(state: State, kind: str, held: Held) -> Row:
    """Return a record's associations as lists show them: a company may come twice, once for each type."""
    if kind != "contacts":
        return {}
    label = "contact_to_company"
    rows = [{"id": one, "type": label} for one in state.primary.get(held.id, ())]
    rows += [{"id": one, "type": f"{label}_unlabeled"} for one in state.plain.get(held.id, ())]
    return {"companies": {"results": rows}} if rows else {}


def _listed(state: State, kind: str, identifier: str, other: str) -> Iterator[Row]:
    if kind == "contacts":
        found = [(one, identifier) for one in state.plain.get(identifier, ())]
    else:
        found = [(contact, contact) for contact, them in state.plain.items() if identifier in them]
    for shown, contact in found:
        company = shown if kind == "contacts" else identifier
        types = [{"category": "HUBSPOT_DEFINED", "typeId": _PLAIN[kind], "label": None}]
        if company in state.primary.get(contact, ()):
            primary = {"category": "HUBSPOT_DEFINED", "typeId": _PRIMARY[kind], "label": "Primary"}
            types.append(primary)
        yield {"toObjectId": int(shown), "associationTypes": types}


def _tell(state: State, contact: str) -> None:
    held = state.records["contacts"].get(contact)
    if held is None:
        return
    if state.does(Doubt.ASSOCIATIONS_MOVE_INSTANTS):
        state.touch("contacts", held)
    else:
        state.index_later("contacts", held)


def _pair(source: str, target: str) -> tuple[str, str]:
    kind, other = _KINDS.get(source), _KINDS.get(target)
    if kind is None or other != _OTHER[kind]:
        raise not_found()
    return kind, other


def _inputs(call: Call) -> list[Row]:
    given: list[Row] = call.json()["inputs"]
    if len(given) > _MOST * 10:
        raise invalid(f"The maximum number of inputs is {_MOST * 10}")
    return given


def _made(kind: str, first: str, other: str, second: str) -> Row:
    return {
        "fromObjectTypeId": "0-1" if kind == "contacts" else "0-2",
        "fromObjectId": int(first),
        "toObjectTypeId": "0-1" if other == "contacts" else "0-2",
        "toObjectId": int(second),
        "labels": [],
    }


def _error(message: str, category: str, identifier: str) -> Row:
    return {**envelope(message, category), "context": {"fromObjectId": [identifier]}}


def _complete(results: list[Row], errors: list[Row], *, made: bool = False) -> Answer:
    body: Row = {"status": "COMPLETE", "results": results}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
        return Answer(status=207, body=body)
    return Answer(status=201 if made else 200, body=body)
