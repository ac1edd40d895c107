"""Dates and instants: ISO 8601 texts in, texts of a stated format out, and the way back.

What a text says is kept: its zone is not shifted to another, save where a format itself names one by
letters of its own (`…%SZ`), and a fraction keeps its digits however many they are (PowerOffice Go
writes seven). Formats have the directives of DIRECTIVES, with English
names whatever the machine's language is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from specbridge.model.values import Json
from specbridge.runtime.conversions.failures import ConversionError, refuse, required_text

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SHORT = 3
_CENTURY = 69  # %y: 69 to 99 are of the 1900s, as POSIX has it
_MICRO = 6
_NOON = 12
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)
# As a word of its own: not the letters of another word, nor `GMT+2`, which is another zone.
_UTC = re.compile(r"(?<![A-Za-z])(?:Z|UTC|GMT)(?![A-Za-z]|[+-]?\d)")
_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):?[0-5]\d$")

DIRECTIVES: dict[str, str] = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d\d)",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,18})",
    "p": r"(?P<p>AM|PM)",
    "z": r"(?P<z>Z|[+-]\d\d:?\d\d)",
    "Z": r"(?P<Z>UTC|GMT|Z)",
    "b": "(?P<b>" + "|".join(name[:_SHORT] for name in _MONTHS) + ")",
    "B": "(?P<B>" + "|".join(_MONTHS) + ")",
    "a": "(?:" + "|".join(name[:_SHORT] for name in _DAYS) + ")",
    "A": "(?:" + "|".join(_DAYS) + ")",
    "%": "%",
}
"""The directives of formats, and what each matches; each may stand once in a format to be parsed."""

_SECONDS = {
    "week": 604800,
    "day": 86400,
    "hour": 3600,
    "minute": 60,
    "second": 1,
}


@dataclass(frozen=True, slots=True)
class _Instant:
    """A moment as a text says it; `zone` None: the text does not say; `fraction` its digits."""

    # Without a zone, so that no shift and no change of the clocks can touch what the text says.
    moment: datetime
    fraction: str
    zone: timedelta | None
    utc: datetime


def now() -> str:
    """Return the present instant in UTC, to the second: the one thing here that is not pure."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_datetime(format_: Json, value: Json, at: str) -> str | None:
    """Return a date or an instant in the given format; a date's time is midnight.

    In its own zone, but where the format names one without a directive (`Z`, `UTC`, `GMT`, or an offset
    at its end) in that one: it would else be put behind the time of another. A date has no zone, and stays
    the day that it is.
    """
    read = _read(value, at)
    if read is None:
        return None
    format_ = required_text(format_, at)
    zone = _zone_of(format_)
    is_date = isinstance(value, str) and _DATE.fullmatch(value.strip())
    instant = read if zone is None or is_date else _in_zone(read, zone, at)
    return _DIRECTIVE.sub(lambda match: _directive(match[1], instant, at), format_)


def parse_datetime(format_: Json, value: Json, at: str) -> str | None:
    """Return the ISO text of an instant that is written in the given format.

    `2024-05-02T10:00:00Z`; the fraction keeps its digits, another zone its offset, and no zone, neither
    in the text nor in the format, means UTC. Raises ConversionError where the text has another format or is no instant.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise refuse(value, "a date in a text", at)
    if not (text := value.strip()):
        return None
    format_ = required_text(format_, at)
    match = _pattern(format_, at).fullmatch(text)
    if match is None:
        raise ConversionError(at, "the text does not have the document's date format")
    try:
        return _iso(_from_groups(match.groupdict(), _zone_of(format_)))
    except (ValueError, OverflowError) as error:
        raise ConversionError(at, "there is no such date or time") from error


def datetime_difference(unit: Json, left: Json, right: Json, at: str) -> int | None:
    """Return the whole units from `right` to `left`, negative where `left` is earlier.

    Units are year, month, week, day, hour, minute, second (a plural s is allowed).
    """
    first, second = _read(left, at), _read(right, at)
    if first is None or second is None:
        return None
    name = required_text(unit, at).lower().removesuffix("s")
    if name in _SECONDS:
        seconds = int((first.utc - second.utc).total_seconds())
        return _truncate(seconds, _SECONDS[name])
    if name in {"year", "month"}:
        months = _months_between(first.utc, second.utc)
        return _truncate(months, 12) if name == "year" else months
    raise ConversionError(at, "the document's unit of time is unknown")


def _truncate(amount: int, unit: int) -> int:
    # Towards 0: Python's // rounds down, and would make a day of one second too early.
    return amount // unit if amount >= 0 else -(-amount // unit)


def _months_between(first: datetime, second: datetime) -> int:
    if first < second:
        return -_months_between(second, first)
    months = (first.year - second.year) * 12 + first.month - second.month
    # A month is over on the same day and time of the next, however many days it has.
    rest = (first.day, first.time()) < (second.day, second.time())
    return months - rest


def _read(value: Json, at: str) -> _Instant | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise refuse(value, "a date", at)
    if not (text := value.strip()):
        return None
    match = _ISO.fullmatch(text)
    if match is None:
        raise refuse(value, "a date in ISO 8601", at)
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001 -- six numbers; the zone is kept beside
        return _instant(moment, match[7] or "", match[8])
    except (ValueError, OverflowError) as error:
        raise ConversionError(at, "there is no such date or time") from error


def _instant(moment: datetime, fraction: str, zone_text: str | None) -> _Instant:
    zone = _zone(zone_text)
    return _Instant(moment, fraction, zone, moment - (zone or timedelta()))


def _in_zone(instant: _Instant, zone: str, at: str) -> _Instant:
    offset = _zone(zone) or timedelta()
    try:
        return _Instant(instant.utc + offset, instant.fraction, offset, instant.utc)
    except OverflowError as error:
        raise ConversionError(at, "there is no such date or time") from error


@lru_cache(maxsize=256)
def _zone_of(format_: str) -> str | None:
    """Return the zone that a format names by letters or digits of its own, None for none."""
    parts = _DIRECTIVE.split(format_)
    if any(map(_UTC.search, parts[::2])):
        return "Z"
    offset = _OFFSET.search(parts[-1])
    # Without a time the digits are something else.
    return offset[0] if offset and {"H", "I"} & set(parts[1::2]) else None


def _zone(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text.upper() in {"Z", "UTC", "GMT"}:
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    # Raises ValueError where there is no such offset: +99:99 would move the instant by four days.
    offset = time(int(text[1:3]), int(text[3:].removeprefix(":") or 0))
    return sign * timedelta(hours=offset.hour, minutes=offset.minute)


def _directive(name: str, instant: _Instant, at: str) -> str:
    if name in _WRITTEN:
        return _WRITTEN[name](instant)
    if name in DIRECTIVES:
        return instant.moment.strftime(f"%{name}")
    raise ConversionError(at, "the document's date format has an unknown directive")


_WRITTEN: dict[str, Callable[[_Instant], str]] = {
    "Y": lambda instant: f"{instant.moment.year:04}",
    "f": lambda instant: instant.fraction.ljust(_MICRO, "0"),
    "z": lambda instant: _offset(instant.zone or timedelta()).replace(":", ""),
    "Z": lambda instant: _offset(instant.zone) if instant.zone else "UTC",
    "B": lambda instant: _MONTHS[instant.moment.month - 1],
    "b": lambda instant: _MONTHS[instant.moment.month - 1][:_SHORT],
    "A": lambda instant: _DAYS[instant.moment.weekday()],
    "a": lambda instant: _DAYS[instant.moment.weekday()][:_SHORT],
    "p": lambda instant: "AM" if instant.moment.hour < _NOON else "PM",
    "%": lambda instant: "%",
}
"""Directives that the C library would write in the machine's language, or with fewer digits."""


def _offset(zone: timedelta) -> str:
    minutes = int(zone.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@lru_cache(maxsize=256)
def _pattern(format_: str, at: str) -> re.Pattern[str]:
    parts = _DIRECTIVE.split(format_)
    texts = [re.escape(text) for text in parts[::2]]
    names = parts[1::2]
    # Twice the same would be two groups of one name, which no pattern may have.
    if any(name not in DIRECTIVES for name in names) or len(set(names)) < len(names):
        raise ConversionError(at, "the document's date format cannot be parsed")
    pattern = texts[0] + "".join(DIRECTIVES[n] + t for n, t in zip(names, texts[1:], strict=True))
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


def _from_groups(groups: dict[str, str], zone: str | None) -> _Instant:
    moment = datetime(  # noqa: DTZ001 -- the zone is kept beside
        _year(groups),
        _month(groups),
        int(groups.get("d", 1)),
        _hour(groups),
        int(groups.get("M", 0)),
        int(groups.get("S", 0)),
    )
    return _instant(moment, groups.get("f", ""), groups.get("z") or groups.get("Z") or zone)


def _year(groups: dict[str, str]) -> int:
    if "y" in groups:
        short = int(groups["y"])
        return short + (1900 if short >= _CENTURY else 2000)
    # The year of strptime, where a format has none.
    return int(groups.get("Y", 1900))


def _month(groups: dict[str, str]) -> int:
    name = groups.get("B") or groups.get("b")
    if name is None:
        return int(groups.get("m", 1))
    return [month[:_SHORT].lower() for month in _MONTHS].index(name[:_SHORT].lower()) + 1


def _hour(groups: dict[str, str]) -> int:
    if "I" not in groups:
        return int(groups.get("H", 0))
    hour = int(groups["I"])
    if not 1 <= hour <= _NOON:
        raise ValueError("no such hour")
    return hour % _NOON + (_NOON if groups.get("p", "").upper() == "PM" else 0)


def _iso(instant: _Instant) -> str:
    fraction = f".{instant.fraction}" if instant.fraction else ""
    zone = _offset(instant.zone) if instant.zone else "Z"
    return f"{instant.moment.isoformat()}{fraction}{zone}"
