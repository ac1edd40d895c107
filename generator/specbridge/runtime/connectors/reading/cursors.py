"""Cursors: instants as the system wrote them, moved without losing a digit; pure.

A cursor is the instant up to which everything was seen. It is the system's own: the newest
modification read, but never later than the system's clock when the read began, so that a record
written while the read went on is read again. Where nothing changes for long, it follows the system's
clock at a distance, so that the last rows are not read for ever.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from specbridge.errors import MalformedResponseError
from specbridge.model.calls import SinceForm

# How far a server's clock may be from the clock of its own records.
TOLERANCE = timedelta(minutes=10)

_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<gap>[T ])(?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?"
    r"(?P<zone>\s*(?:Z|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_SHOWN = 40


def step_back(instant: str, seconds: int) -> str:
    """Return an instant moved back, written as before: its fraction and zone stay as they are."""
    match = _match(instant)
    written = _read(instant, f"{match['day']}T{match['time']}")
    try:
        moved = written - timedelta(seconds=seconds)
    except OverflowError:
        # There is nothing before the year 1, which stands for "never" where .NET wrote it.
        return instant
    day, time = moved.date().isoformat(), moved.time().isoformat(timespec="seconds")
    return f"{day}{match['gap']}{time}{match['fraction'] or ''}{match['zone'] or ''}"


def epoch_seconds(instant: str) -> int:
    """Return the whole seconds since 1970 of an instant; no zone means UTC."""
    return _order(instant)[0]


def write_instant(instant: str, form: SinceForm, zone: str = "") -> str:
    """Return an instant as a filter wants it; what the form cannot hold is cut off, never rounded up.

    `zone` is that of a local form.
    """
    seconds = epoch_seconds(instant)
    moment = datetime.fromtimestamp(seconds, UTC)
    match form:
        case SinceForm.AS_READ:
            return instant
        case SinceForm.UTC:
            return _write(moment)
        case SinceForm.DATE:
            return moment.date().isoformat()
        case SinceForm.EPOCH_SECONDS:
            return str(seconds)
        case SinceForm.EPOCH_MILLISECONDS:
            return str(epoch_milliseconds(instant))
        case SinceForm.LOCAL:
            return write_local(instant, zone)


def write_local(instant: str, zone: str) -> str:
    """Return an instant as a clock in a zone shows it, without the zone, to the second.

    Of an hour that comes twice the one before it is shown: a system that takes it for the later one would leave out an hour.
    """
    moment = datetime.fromtimestamp(epoch_seconds(instant), UTC).astimezone(ZoneInfo(zone))
    again = moment.replace(fold=1)
    if moment.fold == 0 and again.utcoffset() != moment.utcoffset():
        moment -= timedelta(hours=1)
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def read_local(text: str, zone: str) -> str:
    """Return what a clock in a zone shows as an instant: with the zone's offset; what has one keeps it.

    An hour that comes twice is taken for the first of both. Raises MalformedResponseError for no instant.
    """
    match = _match(text)
    if match["zone"]:
        return text
    moment = _read(text, f"{match['day']}T{match['time']}").replace(tzinfo=ZoneInfo(zone))
    return f"{match['day']}T{match['time']}{match['fraction'] or ''}{moment.isoformat()[-6:]}"


def epoch_milliseconds(instant: str) -> int:
    """Return the whole milliseconds since 1970 of an instant; no zone means UTC."""
    seconds, fraction = _order(instant)
    return seconds * 1000 + int(f"{fraction.removeprefix('.')[:3]:0<3}")


def later(one: str | None, other: str | None) -> str | None:
    """Return the later of two instants; none is earlier than any."""
    if one is None or other is None:
        return one or other
    return one if _order(one) >= _order(other) else other


def earlier(one: str, other: str) -> str:
    """Return the earlier of two instants."""
    return one if _order(one) <= _order(other) else other


def next_cursor(newest: str | None, began: datetime) -> str:
    """Return the cursor after a read that `began` then, by the system's own clock.

    `newest` is the latest instant seen in it or before, None where there never was one.
    """
    floor = _write(began - TOLERANCE)
    if newest is None:
        return floor
    return later(earlier(newest, _write(began)), floor) or floor


def cautious_cursor(newest: str | None, began: datetime) -> str | None:
    """Return the cursor after a read from a system that does not say what time it is.

    `began` is by our clock, which may be ahead: it can only hold the cursor back.
    """
    # Neither clock nor row: nothing says what time it is there, so the next read is whole again.
    return None if newest is None else earlier(newest, _write(began - TOLERANCE))


def _write(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _order(instant: str) -> tuple[int, str]:
    match = _match(instant)
    zone = (match["zone"] or "Z").strip().replace("Z", "+00:00")
    if ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    seconds = _read(instant, f"{match['day']}T{match['time']}{zone}").timestamp()
    # The fraction as text: PowerOffice writes seven digits, of which a datetime holds six.
    return int(seconds), (match["fraction"] or "").rstrip("0")


def _read(instant: str, iso: str) -> datetime:
    try:
        return datetime.fromisoformat(iso)
    except ValueError:
        raise _no_instant(instant) from None


def _match(instant: str) -> re.Match[str]:
    match = _INSTANT.fullmatch(instant.strip())
    if match is None:
        raise _no_instant(instant)
    return match


def _no_instant(instant: str) -> MalformedResponseError:
    return MalformedResponseError(f"{instant[:_SHOWN]!r} is no instant")
