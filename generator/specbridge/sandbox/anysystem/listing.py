"""Lists and look-ups: which records a request asks for, and the page of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from specbridge.model.calls import LookupCall, Paging, ReadCall
from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.paging import Listed, PageAsked, PageGiven, cut_page, is_export
from specbridge.sandbox.anysystem.records import Held, Records, texts_at
from specbridge.sandbox.anysystem.refusals import refuse
from specbridge.sandbox.anysystem.searching import read_search
from specbridge.sandbox.anysystem.values import read_instant, set_at, wrapped
from specbridge.sandbox.messages import Answer, Call

_ROLES = ("page", "size", "cursor", "start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that a request may be one of: `fixed` are parameters that its address has.

    `score` says how much of the request it explains: of several calls at one address the one with most is meant.
    """

    records: Records
    call: ReadCall | LookupCall
    fixed: Mapping[str, str] = field(default_factory=dict)

    def score(self, call: Call) -> int:
        """Return how many of the request's parameters this call explains; -1 where it is another."""
        if any(call.query.get(name) != value for name, value in self.fixed.items()):
            return -1
        if isinstance(self.call, LookupCall):
            named = self.call.parameter in call.query
            return 20 if named or self._is_search(call) else -1
        if self.call.method == "POST":
            return 10 + len(list(self._read(call))) if self._is_search(call) else -1
        own = self.call is self.records.resource.incremental
        since = self.call.since in call.query if self.call.since else False
        return len(self.fixed) + (10 if since else 0) + (1 if own and since else 0)

    def _is_search(self, call: Call) -> bool:
        if self.call.method != "POST":
            return False
        try:
            return len(list(self._read(call))) >= 0
        except ValueError:
            return False

    def _read(self, call: Call) -> Iterator[tuple[str, str]]:
        return read_search(dict(self.call.body), call.json())


def split_path(path: str) -> tuple[str, Mapping[str, str]]:
    """Return an address's path, and the parameters that stand in it."""
    bare, _, query = path.partition("?")
    return bare, dict(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Listing:
    """Answers requests for many records."""

    profile: Profile

    def answer(self, asked: Asked, call: Call) -> Answer:
        """Return the page, or the records that were looked for; raises the refusal of what is not understood."""
        try:
            if isinstance(asked.call, LookupCall):
                return self._look_up(asked.records, asked.call, call)
            return self._list(asked.records, asked.call, call)
        except (ValueError, KeyError, OverflowError) as error:
            raise refuse(self.profile, 400, f"the request cannot be understood: {error}") from None

    def _look_up(self, records: Records, stated: LookupCall, call: Call) -> Answer:
        if stated.method == "POST":
            found = read_search(dict(stated.body), call.json())
            values = [value for _, value in found]
        else:
            text = call.query[stated.parameter]
            values = text.split(stated.separator) if stated.size > 1 else [text]
        if len(values) > stated.size:
            raise ValueError(f"more than {stated.size} values")
        prop = records.property(stated.property)
        fold = prop is not None and prop.case_insensitive
        wanted = {_key(value, fold=fold) for value in values}
        rows = [
            _listed(one)
            for one in records.present()
            if _key(texts_at(one, stated.property), fold=fold) in wanted
        ]
        paging = stated.paging or Paging()
        roles = _roles_of(paging, call)
        return _answer(
            paging, stated.items, cut_page(paging, PageAsked(call=call, roles=roles), rows)
        )

    def _list(self, records: Records, stated: ReadCall, call: Call) -> Answer:
        paging = stated.paging or self.profile.paging
        if stated.method == "POST":
            roles: Mapping[str, str] = dict(read_search(dict(stated.body), call.json()))
            since = _text_since(stated, roles.get("since"))
        else:
            roles = _roles_of(paging, call)
            since = _text_since(stated, call.query.get(stated.since) if stated.since else None)
        rows = [_listed(one) for one in _partition(records, stated, call)]
        if since is not None:
            rows = list(_since(records, stated, since, rows))
        if is_export(paging) or stated.most or "{since}" in json.dumps(dict(stated.body)):
            rows.sort(key=lambda one: one.changed)
        if stated.most:
            rows = rows[: stated.most]
        return _answer(
            paging, stated.items, cut_page(paging, PageAsked(call=call, roles=roles), rows)
        )


def _listed(one: Held) -> Listed:
    return Listed(row=deepcopy(one.row), changed=one.changed)


def _key(text: str, *, fold: bool) -> str:
    return text.casefold() if fold else text


def _roles_of(paging: Paging, call: Call) -> Mapping[str, str]:
    words = {role: paging.parameters[role] for role in _ROLES if role in paging.parameters}
    return {role: call.query[word] for role, word in words.items() if word in call.query}


def _text_since(stated: ReadCall, text: str | None) -> str | None:
    """Return the instant in a filter's text, without what the profile says stands around it."""
    if text is None:
        return None
    before, _, after = stated.since_text.partition("{since}")
    if not (text.startswith(before) and text.endswith(after)):
        raise ValueError(f"{text!r} is not as {stated.since_text!r} says")
    return text[len(before) : len(text) - len(after)]


def _since(
    records: Records, stated: ReadCall, text: str, rows: Sequence[Listed]
) -> Iterator[Listed]:
    dated = records.property(records.resource.modified_at)
    since = read_instant(text, stated.since_form, dated, stated.since_zone)
    for one in rows:
        if one.changed > since or (stated.inclusive and one.changed == since):
            yield one


def _partition(records: Records, stated: ReadCall, call: Call) -> Sequence[Held]:
    """Return the records of one of several lists that are one only together."""
    rows = records.listed(stated)
    for place, query in enumerate(stated.queries):
        if all(call.query.get(name) == value for name, value in query.items()):
            return [one for one in rows if _place(records, stated, one) == place]
    if stated.queries:
        raise ValueError("none of its lists is asked for")
    return rows


def _place(records: Records, stated: ReadCall, one: Held) -> int:
    """Return in which of several lists a record is: by its properties of those names, else by its id."""
    for place, query in enumerate(stated.queries):
        known = [name for name in query if records.property((name,)) is not None]
        if known and all(texts_at(one, (name,)) == query[name] for name in known):
            return place
    text = texts_at(one, records.resource.id)
    return sum(text.encode()) % len(stated.queries)


def _answer(paging: Paging, items: tuple[str, ...], page: PageGiven) -> Answer:
    rows: list[Json] = [one.row for one in page.rows]
    body: Json = wrapped(rows, items)
    headers = {
        name: _header(page.told[role])
        for role, name in paging.headers.items()
        if page.told.get(role) is not None
    }
    if isinstance(body, dict):
        for role, path in paging.fields.items():
            if role in page.told:
                set_at(body, path, page.told[role])
    elif page.link and "next" not in paging.headers:
        headers["Link"] = f'<{page.link}>; rel="next"'
    if page.link and isinstance(body, dict) and "next" not in paging.fields:
        headers.setdefault("Link", f'<{page.link}>; rel="next"')
    return Answer(body=body, headers=headers)


def _header(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def lists_of(records: Records) -> Iterator[ReadCall | LookupCall]:
    """Yield all calls of a resource that give many records."""
    resource = records.resource
    calls = (resource.list, resource.incremental, resource.archived, resource.read_many)
    for call in (*calls, *resource.lookups):
        if call is not None:
            yield call
            if isinstance(call, ReadCall) and call.long is not None:
                yield call.long
