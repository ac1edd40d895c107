"""A system that is as its profile says: access, limits, and the call that a request is one of."""

import math
import re
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from specbridge.model.calls import BatchCall, BulkCall, ReadCall
from specbridge.model.profile import ExpectationKind, Limit, Profile
from specbridge.model.values import Json
from specbridge.sandbox.anysystem.access import build_access
from specbridge.sandbox.anysystem.checking import Checking
from specbridge.sandbox.anysystem.filling import fill
from specbridge.sandbox.anysystem.listing import Asked, Listing, lists_of, split_path
from specbridge.sandbox.anysystem.records import Records
from specbridge.sandbox.anysystem.refusals import refuse
from specbridge.sandbox.anysystem.values import Row, set_at
from specbridge.sandbox.anysystem.writing import Names, Writing
from specbridge.sandbox.clock import Clock
from specbridge.sandbox.faults import FaultBox
from specbridge.sandbox.limits import Buckets
from specbridge.sandbox.messages import Answer, Call, RefusalError
from specbridge.sandbox.world import small_world

Deed = Callable[[Call, Names], Answer]

_HOLE = re.compile(r"\{(\w+)\}")
_UNSERVED = ("entries", "parent", "associations", "strategy_calls", "strategy_jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A call at an address: `form` matches the path, whose holes are named in the order of `names`."""

    method: str
    form: re.Pattern[str]
    names: tuple[str, ...]
    deed: Deed


def unserved(profile: Profile) -> Iterator[str]:
    """Yield a sentence for each kind of records that is left out, because the sandbox does not know its ways."""
    for resource in profile.resources:
        found = [name for name in _UNSERVED if getattr(resource, name)]
        if found:
            yield f"{profile.name}: {resource.name} is not served: it has {' and '.join(found)}"


class AnySystem:
    """The state of one system, and the answer to every request."""

    def __init__(
        self, profile: Profile, clock: Clock, faults: FaultBox, records: int, seed: int
    ) -> None:
        """Fill the system with so many records of each kind; raises ValueError where nobody can sign in."""
        self.name = profile.name
        self.clock = clock
        self.faults = faults
        self.profile = profile
        self.access = build_access(profile)
        served = [one for one in profile.resources if not any(getattr(one, n) for n in _UNSERVED)]
        self._kinds = {one.name: Records(one, clock) for one in served}
        fill(self._kinds, small_world(), records, seed)
        self._buckets = Buckets()
        self._listing = Listing(profile)
        self._writing = Writing(profile, Checking(profile, self._kinds))
        self._lists = list(self._asked())
        self._routes = list(self._all_routes())

    def answer(self, call: Call) -> Answer:
        """Carry out a request: limits, access, then the call itself."""
        headers: dict[str, str] = {}
        try:
            self._throttle(call, headers)
            answer = self._carry_out(call)
        except RefusalError as refusal:
            answer = refusal.answer
        except (ValueError, TypeError, AttributeError, KeyError):
            answer = refuse(self.profile, 400, "the request cannot be understood").answer
        return Answer(status=answer.status, body=answer.body, headers={**headers, **answer.headers})

    def throttle(self, call: Call) -> Answer:
        """Return the 429."""
        return refuse(self.profile, 429, "too many requests", **{"Retry-After": "1"}).answer

    def fail(self, status: int) -> Answer:
        """Return a failure of the server."""
        return refuse(self.profile, status, "the server failed").answer

    def world(self) -> dict[str, list[dict[str, Any]]]:
        """Return copies of all records by kind, deleted ones aside."""
        return {
            name: [deepcopy(one.row) for one in records.present()]
            for name, records in self._kinds.items()
        }

    def edit(self, kind: str, identifier: str, **values: Json) -> None:
        """Change a record as a person would; raises KeyError for one that is not there."""
        one = self._kinds[kind].held[identifier]
        one.row.update(values)
        self._kinds[kind].stamp(one)

    def _carry_out(self, call: Call) -> Answer:
        fetched = self.access.scheme is not None and bool(self.access.scheme.token_url)
        if fetched and call.path == self.access.token_path():
            return self.access.give_token(call)
        self.access.check(call)
        best = max(self._fitting(call), key=lambda one: one[0], default=None)
        if best is not None:
            return self._listing.answer(best[1], call)
        for route in self._routes:
            found = route.form.fullmatch(call.path)
            if route.method == call.method and found:
                return route.deed(call, dict(zip(route.names, found.groups(), strict=True)))
        raise refuse(self.profile, 404, f"there is no call {call.method} {call.path}")

    def _fitting(self, call: Call) -> Iterator[tuple[int, Asked]]:
        for asked in self._lists:
            path, _ = split_path(asked.call.path)
            if path == call.path and asked.call.method == call.method:
                score = asked.score(call)
                if score >= 0:
                    yield score, asked

    def _asked(self) -> Iterator[Asked]:
        for records in self._kinds.values():
            for call in lists_of(records):
                _, fixed = split_path(call.path)
                yield Asked(records=records, call=call, fixed=fixed)

    def _all_routes(self) -> Iterator[Route]:
        probe = self.profile.probe
        if probe is not None:
            yield _route(probe.method, probe.path, lambda call, names: self._show_probe(probe))
        for records in self._kinds.values():
            yield from self._many_routes(records)
            yield from self._single_routes(records)

    def _single_routes(self, records: Records) -> Iterator[Route]:
        deeds = {
            "create": self._writing.create,
            "read": self._writing.read,
            "update": self._writing.update,
            "delete": self._writing.delete,
        }
        for name, deed in deeds.items():
            stated = getattr(records.resource, name)
            if stated is not None:

                def carry(call: Call, names: Names, deed: Any = deed, at: Any = stated) -> Answer:
                    answer: Answer = deed(records, at, call, names)
                    return answer

                yield _route(stated.method, stated.path, carry)

    def _many_routes(self, records: Records) -> Iterator[Route]:
        resource = records.resource
        for creates, batch in ((True, resource.create_batch), (False, resource.update_batch)):
            if batch is not None:
                yield self._batch_route(records, batch, creates)
        for creates, job in ((True, resource.create_many), (False, resource.update_many)):
            if job is not None:
                yield from self._job_routes(records, job, creates)

    def _batch_route(self, records: Records, batch: BatchCall, creates: bool) -> Route:
        def carry(call: Call, names: Names) -> Answer:
            return self._writing.batch(records, batch, call, creates)

        return _route(batch.method, batch.path, carry)

    def _job_routes(self, records: Records, job: BulkCall, creates: bool) -> Iterator[Route]:
        writing = self._writing
        yield _route(
            job.method, job.path, lambda call, names: writing.begin_job(records, job, call, creates)
        )
        if job.recent_jobs_path:
            yield _route("GET", job.recent_jobs_path, lambda call, _: writing.show_jobs(job, None))
        if job.jobs_path:
            path, fixed = split_path(job.jobs_path)
            word = next((name for name, value in fixed.items() if value == "{jobs}"), "")
            yield _route(
                "GET",
                path,
                lambda call, _: writing.show_jobs(job, tuple(call.query[word].split(","))),
            )
        yield _route("GET", job.job_path, lambda call, names: writing.show_job(job, names["job"]))

    def _show_probe(self, probe: ReadCall) -> Answer:
        body: Row = {}
        for path in self.profile.account:
            set_at(body, path, f"sandbox-{self.name}")
        for one in self.profile.expectations:
            match one.kind:
                case ExpectationKind.PRESENT:
                    if one.path not in self.profile.account:
                        set_at(body, one.path, "sandbox")
                case ExpectationKind.EMPTY:
                    set_at(body, one.path, [])
                case ExpectationKind.ONE_OF:
                    set_at(body, one.path, one.values[0])
        return Answer(body=body or {"name": "sandbox"})

    def _throttle(self, call: Call, headers: dict[str, str]) -> None:
        for limit in self.profile.limits:
            if not _limits(limit, call):
                continue
            key = limit.bucket or f"{limit.method} {limit.path} {limit.seconds}"
            if limit.per_record:
                key = f"{key} {call.path}"
            now = time.monotonic()
            for _ in range(max(1, limit.cost)):
                verdict = self._buckets.take(key, limit.requests, limit.seconds, now)
                if verdict.wait:
                    wait = str(max(1, math.ceil(verdict.wait)))
                    raise refuse(self.profile, 429, "too many requests", **{"Retry-After": wait})
            if limit.header.lower().endswith("-limit"):
                stem = limit.header[: -len("limit")]
                headers[limit.header] = str(verdict.total)
                headers[f"{stem}remaining"] = str(verdict.remaining)
                headers[f"{stem}reset"] = str(math.ceil(verdict.resets))


def _limits(limit: Limit, call: Call) -> bool:
    if limit.method and limit.method != call.method:
        return False
    if not limit.path:
        return True
    if limit.path.endswith("/"):
        return call.path.startswith(limit.path)
    form = re.escape(limit.path).replace(r"\{id\}", r"[^/]*\d[^/]*")
    return re.fullmatch(form, call.path) is not None


def _route(method: str, path: str, deed: Deed) -> Route:
    bare, _ = split_path(path)
    parts = _HOLE.split(bare)
    form = "([^/]+)".join(re.escape(part) for part in parts[::2])
    return Route(method=method, form=re.compile(form), names=tuple(parts[1::2]), deed=deed)
