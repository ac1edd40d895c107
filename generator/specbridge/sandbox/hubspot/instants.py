"""HubSpot's instants: UTC with milliseconds in answers, milliseconds as a text in filters."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_text(milliseconds: int, *, short: bool = False) -> str:
    """Return an instant's text; `short` leaves out a fraction that is zero."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    fraction = milliseconds % 1000
    if short and not fraction:
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:03d}Z"


def parse_instant(text: str) -> int:
    """Return the milliseconds of a text: a number of them, a date, or an ISO instant.

    Raises ValueError for anything else.
    """
    if text.removeprefix("-").isdecimal():
        return int(text)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
