"""Lists and single records, read from the records themselves: nothing here lags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.hubspot.associations import shown_with
from specbridge.sandbox.hubspot.refusals import invalid, not_found
from specbridge.sandbox.hubspot.state import Held, State
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row

_PAGE, _LARGEST_PAGE, _WITH_HISTORY = 10, 100, 50
_LONGEST, _LONGEST_OTHERWISE = 8_000, 16_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The calls that read one record, or page through all."""

    state: State

    def routes(self) -> Sequence[tuple[str, str, Any]]:
        """Return method, path and handler of each call."""
        return (
            ("GET", "/crm/v3/objects/{kind}", self.list_records),
            ("GET", "/crm/v3/objects/{kind}/{identifier}", self.show),
        )

    def check_length(self, call: Call) -> None:
        """Raise RefusalError 414 for an address that is too long."""
        otherwise = self.state.does(Doubt.LONGER_ADDRESSES)
        longest = _LONGEST_OTHERWISE if otherwise else _LONGEST
        if len(call.link({})) > longest:
            raise RefusalError(Answer(status=414, body="URI Too Long"))

    def list_records(self, call: Call, kind: str) -> Answer:
        """Answer a page; the last one has no `paging` at all."""
        size = _page_size(call)
        records = self.state.present(kind, call.query.get("archived") == "true")
        after = call.query.get("after", "0")
        if not after.isdecimal():
            raise invalid(f"{after} is no valid cursor")
        left = [one for one in records if int(one.id) >= int(after)]
        rows = [self._shown(call, kind, one) for one in left[:size]]
        body: Row = {"results": rows}
        if len(left) > size:
            following = left[size].id
            # Of the vendor's other host, without the parameters that were asked with.
            link = f"https://api.hubspot.com/crm/v3/objects/{kind}?after={following}"
            body["paging"] = {"next": {"after": following, "link": link}}
        return Answer(body=body)

    def show(self, call: Call, kind: str, identifier: str) -> Answer:
        """Answer one record, by its id or by a unique property; of a merged one the one of today."""
        archived = call.query.get("archived") == "true"
        by = call.query.get("idProperty")
        held = self._find(kind, identifier, by, archived)
        return Answer(body=self._shown(call, kind, held))

    def _find(self, kind: str, identifier: str, by: str | None, archived: bool) -> Held:
        if by is not None:
            return find_by(self.state, kind, by, identifier)
        try:
            return self.state.find(kind, identifier, archived)
        except RefusalError:
            if archived or not self.state.does(Doubt.ARCHIVED_SHOWN):
                raise
            return self.state.find(kind, identifier, archived=True)

    def _shown(self, call: Call, kind: str, held: Held) -> Row:
        row = self.state.show(kind, held, _names(call, "properties"))
        if "companies" in _names(call, "associations"):
            # Absent where there are none.
            row |= {"associations": found} if (found := shown_with(self.state, kind, held)) else {}
        return row


def find_by(state: State, kind: str, name: str, value: str) -> Held:
    """Return the record with a value of a unique property; raises RefusalError 400 and 404."""
    one = state.definitions.of(kind).get(name)
    if one is None or not one.unique:
        raise invalid(f"{name} is not a unique property")
    held = state.holder(kind, name, value)
    if held is None:
        raise not_found()
    return held


def _page_size(call: Call) -> int:
    most = _WITH_HISTORY if call.query.get("propertiesWithHistory") else _LARGEST_PAGE
    text = call.query.get("limit", str(_PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise invalid(f"limit must be between 1 and {most}")
    return int(text)


def _names(call: Call, parameter: str) -> list[str]:
    """Return the names of a parameter: with commas between them, or repeated."""
    return [name for text in call.values(parameter) for name in text.split(",") if name]
