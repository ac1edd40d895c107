"""What each answer means, wherever it comes: a table of answers, and the end of a run that met it.

A run that fails leaves both systems and its cursor as they were, and the next one does it all. A write
that came to nothing is a dead letter, which is let alone until somebody asks for it to be tried again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.sandbox.messages import Answer, Call

from tests.acceptance.answers import (
    Lab,
    On,
    Reply,
    answering,
    does_then_says,
    opened_lab,
    points,
    says,
    shows_only,
)
from tests.acceptance.places import DELETES, PLACES, Place


class Ends(Enum):
    """How a run ends that met an answer."""

    FAILED = RunOutcome.FAILED  # nothing was done; the next run does it
    GUARD = RunOutcome.GUARD  # the same: a side suddenly reads empty
    LETTER = "letter"  # one write was not done, and is said
    DONE = "done"  # what was asked is done in the end, in this run or the next one


FAILED, GUARD, LETTER, DONE = Ends.FAILED, Ends.GUARD, Ends.LETTER, Ends.DONE

REDIRECTS = {str(status): points(status) for status in (301, 302, 303, 307, 308)}
LIMITS = {"429": says(429), "500": says(500, "down"), "503": says(503)}
OF_NO_RECORD = {"304": says(304), "407": says(407), "421": says(421)}
PAGE_OF_HTML = {"200 HTML": says(200, "<html>Sign in</html>")}
WITHOUT_RECORD = {
    "200 empty": says(200),
    "200 null": says(200, "null"),
    "200 number": says(200, "7"),
    "200 other object": says(200, {"message": "welcome"}),
    "202 empty": says(202),
    "205 empty": says(205),
}
REFUSALS = {
    "400": says(400, {"detail": "no"}),
    "403": says(403, {"error": "Forbidden"}),
    "422": says(422, {"error": "RecordInvalid", "description": "no"}),
}
NEVER = {**REDIRECTS, **LIMITS, **OF_NO_RECORD, **PAGE_OF_HTML}
# Of each kind one, where another place has them all.
SOME = {name: NEVER[name] for name in ("302", "304", "503", "200 HTML")}
EMPTY = {name: WITHOUT_RECORD[name] for name in ("200 empty", "200 other object")}


NO_ORGANIZATIONS = {"organizations": [], "end_of_stream": True, "end_time": None}
WITH_AND_WITHOUT_DELETIONS = (
    *("customers, listed", "customers, a late page", "organizations before a change"),
    *("a contact person alone", "an organization alone"),
)


def without_names(call: Call, on: On) -> Answer:
    """Carry out a job as if the names of its rows could not be changed, and call it completed."""
    rows = call.json()["organizations"]
    bare = {"organizations": [{"id": row["id"]} for row in rows]}
    return on(replace(call, body=json.dumps(bare).encode()))


def each(replies: Mapping[str, Reply], ends: Ends) -> dict[str, tuple[Reply, Ends]]:
    return {name: (reply, ends) for name, reply in replies.items()}


def passes(call: Call, on: On) -> Answer:
    """Let a call through."""
    return on(call)


LISTED = each({**SOME, **EMPTY}, FAILED)
ALONE = {
    **each({**SOME, **EMPTY, "204": says(204)}, FAILED),
    "another's": (says(200, {"Id": 1, "organization": {"id": 1}}), FAILED),
    "as it is": (passes, DONE),
}
DONE_UNSAID = {
    "done, 200 empty": (does_then_says(200), DONE),
    "done, 204": (does_then_says(204), DONE),
    "done, 302": (does_then_says(302), FAILED),
}
IGNORED = {"200 empty": says(200), "204": says(204), "200 as before": shows_only}
TABLE: Mapping[str, Mapping[str, tuple[Reply, Ends]]] = {
    "customers, listed": {
        **each({**NEVER, **WITHOUT_RECORD}, FAILED),
        "204": (says(204), GUARD),
        "no rows": (says(200, []), GUARD),
    },
    "customers, a late page": {
        **LISTED,
        "204": (says(204), DONE),
        "no rows": (says(200, []), DONE),
    },
    "organizations, listed": {
        **LISTED,
        "204": (says(204), FAILED),
        "no rows": (says(200, NO_ORGANIZATIONS), GUARD),
    },
    "customers, changed": {
        **LISTED,
        "204": (says(204), DONE),
        "no rows": (says(200, []), DONE),
    },
    "organizations, changed": {
        **LISTED,
        "204": (says(204), FAILED),
        "no rows": (says(200, NO_ORGANIZATIONS), DONE),
    },
    "a contact person alone": ALONE,
    "an organization alone": ALONE,
    "organizations before a change": {
        **LISTED,
        "204": (says(204), DONE),
        "404": (says(404), DONE),
        "no rows": (says(200, {"organizations": []}), DONE),
    },
    "a create": {
        **each(SOME, FAILED),
        **each({**EMPTY, **REFUSALS, "204": says(204), "404": says(404)}, LETTER),
        **DONE_UNSAID,
    },
    "a patch": {
        **each(NEVER, FAILED),
        **each({**WITHOUT_RECORD, **REFUSALS, **IGNORED}, LETTER),
        **DONE_UNSAID,
    },
    "an update": {
        **each(SOME, FAILED),
        **each({**EMPTY, **REFUSALS, **IGNORED}, LETTER),
        **DONE_UNSAID,
    },
    "an identity": {
        **each({"302": points(302), "304": says(304)}, FAILED),
        "200 empty": (says(200), LETTER),
        "204": (says(204), LETTER),
        "422": (REFUSALS["422"], LETTER),
        "done, 200 empty": (does_then_says(200), DONE),
        "done, 204": (does_then_says(204), DONE),
    },
    "a membership": {
        **each({"302": points(302), "304": says(304)}, FAILED),
        "200 empty": (says(200), LETTER),
        "204": (says(204), LETTER),
        "422": (REFUSALS["422"], LETTER),
        "done, 200 empty": (does_then_says(200), DONE),
    },
    "a bulk update": {
        **each({"302": points(302), "304": says(304), "429": says(429)}, FAILED),
        # The records tell that no job did it; singly they are changed.
        **each({**EMPTY, **REFUSALS, **PAGE_OF_HTML, "500": says(500)}, DONE),
        "without the names": (without_names, LETTER),
        "done, 200 empty": (does_then_says(200), DONE),
        "done, 302": (does_then_says(302), FAILED),
    },
    "a job": {
        **each({**SOME, **EMPTY, "204": says(204)}, FAILED),
        "404": (says(404), DONE),
        "410": (says(410), DONE),
        "failed": (says(200, {"job_status": {"status": "failed"}}), DONE),
        "no results": (says(200, {"job_status": {"status": "completed"}}), DONE),
    },
    "a delete in Zendesk": {
        **each(SOME, FAILED),
        **each({**EMPTY, **REFUSALS}, LETTER),
        "done, 200 empty": (does_then_says(200), DONE),
        "done, 302": (does_then_says(302), FAILED),
    },
    "a delete in PowerOffice": {
        **each(SOME, FAILED),
        **each({**EMPTY, **REFUSALS}, LETTER),
        "done, 200 empty": (does_then_says(200), DONE),
        "done, 302": (does_then_says(302), FAILED),
    },
    "a delete of a user": {
        "302": (points(302), FAILED),
        **each({**EMPTY, "200 as before": shows_only}, LETTER),
        "done, 202 empty": (does_then_says(202), DONE),
    },
    "a token": each({**SOME, **EMPTY, **REFUSALS, "204": says(204), "404": says(404)}, FAILED),
}
CASES = [
    pytest.param(
        replace(PLACES[place], deletions=deletions),
        *row,
        id=f"{place}: {name}{', deletions propagated' if deletions else ''}",
    )
    for place, rows in TABLE.items()
    for deletions in (
        (False, True) if place in WITH_AND_WITHOUT_DELETIONS else (PLACES[place].deletions,)
    )
    for name, row in rows.items()
    if not (deletions and place == "customers, listed" and name in REDIRECTS and name not in SOME)
]


class _Labs:
    """The lab that is open; one that a test left unsettled is not used again."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._lab: Lab | None = None

    def take(self) -> Lab:
        if self._lab is None or len(self._lab.spare) < 6:  # renames of five, and one to be deleted
            self.close()
            self._lab = self._stack.enter_context(opened_lab())
        lab, self._lab = self._lab, None
        return lab

    def give_back(self, lab: Lab) -> None:
        self._lab = lab

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def labs() -> Iterator[_Labs]:
    """Keep one lab open for as long as tests leave it in sync."""
    found = _Labs()
    yield found
    found.close()


@pytest.mark.parametrize(("place", "reply", "ends"), CASES)
def test_what_an_answer_means(labs: _Labs, place: Place, reply: Reply, ends: Ends) -> None:
    lab = labs.take()
    lab.deletions, lab.page = place.deletions, place.page
    is_done = place.act(lab)
    worlds, cursors, letters = lab.worlds(), lab.cursors(), lab.letters()
    running = getattr(lab.sandbox, place.system)
    with answering(running, place.is_meant, reply, place.others) as meeting:
        report = lab.sync(full=place.full)
    assert meeting.calls
    if place.act not in DELETES:
        assert vanished(worlds, lab.worlds()) == set()
    if ends in (FAILED, GUARD):
        assert report.outcome is ends.value, report.error
        assert lab.cursors().get(place.resource) == cursors.get(place.resource)
        assert_names(report.error or "", meeting.calls[0], reply)
    else:
        assert report.outcome is RunOutcome.LEFT_OVER, report.error
    if ends is not DONE and not meeting.handed_on and not place.late:
        assert lab.worlds() == worlds
    new = lab.letters() - letters
    assert bool(new) is (ends is LETTER), new
    finish(lab, ends, is_done)
    assert lab.letters() == letters
    labs.give_back(lab)


def assert_names(error: str, call: Call, reply: Reply) -> None:
    """Check that an error says where a redirect to a call pointed."""
    for status, redirect in REDIRECTS.items():
        if reply is redirect:
            path = call.path.removeprefix("/v2")  # what is below the base address
            pointed = f"{call.method} {path}: {status}, which points to gate.example/sign-in;"
            assert pointed in error
    assert "secret" not in error


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("deletions", [False, True])
def test_gone_is_what_its_system_says_is_gone(labs: _Labs, status: int, deletions: bool) -> None:
    lab = labs.take()
    lab.deletions, lab.page = deletions, None
    place = PLACES["a contact person alone"]
    before = lab.worlds()
    with answering(lab.sandbox.poweroffice, place.is_meant, says(status), place.others):
        report = lab.sync(full=True)
    assert report.error is None
    jonas = next(row["id"] for row in before["users"] if row["name"] == "Jonas Eide")
    gone = {number for kind, number in vanished(before, lab.worlds()) if kind == "users"}
    assert gone == ({jonas} if deletions else set())


def finish(lab: Lab, ends: Ends, is_done: Callable[[], bool]) -> None:
    """Run again, with both systems well: all is done then, and another run writes nothing."""
    if ends is LETTER:
        assert writes(lab.sync()) == 0
        assert not is_done()
    if not is_done():
        report = lab.sync(full=ends is LETTER)
        assert report.outcome is RunOutcome.LEFT_OVER, report.error
    assert is_done()
    assert writes(lab.sync()) == 0


def writes(report: Report) -> int:
    return sum(usage.write for usage in report.requests.values())


def vanished(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Return the records that were there, and are not any more."""

    def there(world: Mapping[str, Any]) -> set[tuple[str, int]]:
        return {
            (kind, row.get("id") or row.get("Id"))
            for kind, rows in world.items()
            for row in rows
            if row.get("active") is not False
        }

    return there(before) - there(after)
