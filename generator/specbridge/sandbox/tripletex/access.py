"""Sessions: made of a consumer's and an employee's token, and ended at a Norwegian midnight."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from specbridge.sandbox.clock import Clock
from specbridge.sandbox.doubts import Doubt
from specbridge.sandbox.messages import Answer, Call, RefusalError, Row
from specbridge.sandbox.tripletex.refusals import INVALID, envelope, unauthorized

OSLO = ZoneInfo("Europe/Oslo")
EMPLOYEE, COMPANY = 5_101, 7_001
"""Whom the employee token is of, and the company that it was made in."""


def oslo_now(clock: Clock) -> datetime:
    """Return what a clock in Norway shows, to the second."""
    return datetime.fromtimestamp(clock.seconds(), UTC).astimezone(OSLO)


@dataclass(slots=True)
class Access:
    """The tokens that are known, and the sessions that were made of them, each with its end (epoch seconds)."""

    clock: Clock
    otherwise: frozenset[Doubt]
    consumer_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    employee_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _sessions: dict[str, float] = field(default_factory=dict, repr=False)

    def create(self, call: Call) -> Answer:
        """Answer the call that makes a session: by POST from its body, by PUT from its query."""
        posted = call.method == "POST"
        sent: Mapping[str, object] = call.json() if posted else call.query
        # By what they are called: the description says of each what the other one is.
        given = (sent.get("consumerToken"), sent.get("employeeToken"))
        if given != (self.consumer_token, self.employee_token):
            raise RefusalError(self._strangers())
        ends = self._end(str(sent.get("expirationDate", "")))
        token = secrets.token_urlsafe(32)
        self._sessions[token] = ends.timestamp()
        value: Row = {
            "id": len(self._sessions),
            "version": 0,
            "token": token,
            "expirationDate": ends.date().isoformat(),
            "encryptionKey": None,
            "consumerToken": {"id": 1},
            "employeeToken": {"id": 2},
        }
        return Answer(status=201 if posted else 200, body={"value": value})

    def check(self, call: Call) -> None:
        """Raise RefusalError 401 unless the call carries a session that lives."""
        user, password = call.user_and_password()
        # Another user is a client's company, which an accountant's token alone may name.
        if user not in ("", "0", str(COMPANY)):
            raise unauthorized()
        if self._sessions.get(password, 0.0) <= self.clock.seconds():
            raise unauthorized()

    def show(self, call: Call) -> Answer:
        """Answer who is logged in."""
        origin = f"http://{call.headers.get('host', 'localhost')}/v2"
        value: Row = {
            "employeeId": EMPLOYEE,
            "actualEmployeeId": EMPLOYEE,
            "employee": {"id": EMPLOYEE, "url": f"{origin}/employee/{EMPLOYEE}"},
            "companyId": COMPANY,
            "company": {"id": COMPANY, "url": f"{origin}/company/{COMPANY}"},
            "language": "en" if Doubt.TX_ENGLISH in self.otherwise else "no",
            "loggedInWithConnect": False,
            "employeeIsProxy": False,
        }
        return Answer(body={"value": value})

    def end_all(self) -> None:
        """End every session."""
        self._sessions.clear()

    def _end(self, text: str) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if day <= oslo_now(self.clock).date():
            fault = ("expirationDate", "Ugyldig format.")
            raise RefusalError(envelope(422, INVALID, "Validering feilet.", fields=[fault]))
        # At the beginning of that day: its own hours do not count any more.
        return datetime(day.year, day.month, day.day, tzinfo=OSLO)

    def _strangers(self) -> Answer:
        if Doubt.TX_BAD_TOKENS_422 in self.otherwise:
            return envelope(422, INVALID, "Ugyldig token.", fields=[])
        return unauthorized().answer
