"""Instants as systems write them: of any precision and zone, compared without losing a digit."""

import re
from datetime import UTC, datetime, timedelta

# PowerOffice writes seven digits of a fraction, one more than a datetime holds, and in places a
# blank where others have the T and before the zone.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*(Z|z|[+-]\d\d:?\d\d)?"
)
_EPOCH = re.compile(r"(\d{9,12})(?:\.(\d+))?")
_START = datetime(1970, 1, 1, tzinfo=UTC)


def compare_instants(left: str, right: str) -> int:
    """Return -1, 0 or 1: whether `left` is earlier than, as late as, or later than `right`.

    Instants are compared at the precision of the coarser text, because a second without a
    fraction may be any instant within it. A text that is no instant says nothing: it is neither.
    """
    if left == right:
        return 0
    one, other = _read_instant(left), _read_instant(right)
    if one is None or other is None:
        return 0
    digits = min(len(one[1]), len(other[1]))
    # Texts of equally many digits are in the order of the numbers that they write.
    first, second = (one[0], one[1][:digits]), (other[0], other[1][:digits])
    return (first > second) - (first < second)


def latest_instant(one: str, other: str) -> str:
    """Return the later of two instants: the first where neither is, the other where that is empty."""
    return other if not one or compare_instants(one, other) < 0 else one


def instant_key(text: str) -> tuple[int, str]:
    """Return what orders instants totally: of two that compare_instants calls as late, the coarser is the earlier.

    What is no instant is before all others.
    """
    return _read_instant(text) or (0, "")


def _read_instant(text: str) -> tuple[int, str] | None:
    """Read whole seconds since 1970 (UTC) and the digits of the fraction; no zone means UTC."""
    if (match := _EPOCH.fullmatch(text)) is not None:
        return int(match[1]), match[2] or ""
    if (match := _ISO.fullmatch(text.strip())) is None:
        return None
    try:
        instant = datetime(*(int(match[group]) for group in range(1, 7)), tzinfo=UTC)  # type: ignore[misc, arg-type]  # six numbers
    except ValueError:
        return None
    return int((instant - _START - _read_zone(match[8])).total_seconds()), match[7] or ""


def _read_zone(text: str | None) -> timedelta:
    if text is None or text in "Zz":
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
