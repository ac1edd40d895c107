"""The chart of earlier audits: how much did not hold, and how much was left out, over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from specbridge.pages.audit.surroundings import PastAudit
from specbridge.pages.audit.words import share

WIDTH, HEIGHT = 720, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 14, 30

MOST = 60
"""Audits that are drawn: the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One audit on the chart: where its two counts are, and what they are in words."""

    x: float
    fails_y: float
    left_y: float
    at: str
    fails: int
    left: int
    share: str

    @property
    def told(self) -> str:
        """Return the audit in words."""
        return f"{self.at}: {self.fails:,} do not hold, {self.left:,} left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: its points, the lines through them, and the numbers at its side."""

    points: tuple[Point, ...]
    fails: str
    left: str
    ticks: tuple[tuple[float, float, int], ...]
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    side: int = _LEFT - 8
    begin: int = _LEFT
    end: int = WIDTH - _RIGHT
    base: int = HEIGHT - 8


def draw_history(past: Sequence[PastAudit], zone: tzinfo | None) -> Chart | None:
    """Return the chart of audits, oldest first; None where there are not two to compare."""
    shown = past[-MOST:]
    if len(shown) < 2:  # noqa: PLR2004  # a line has two ends
        return None
    top = max(1, *(max(one.fails, one.left_over) for one in shown))
    points = tuple(_point(place, one, (len(shown), top), zone) for place, one in enumerate(shown))
    return Chart(
        points=points,
        fails=" ".join(f"{point.x},{point.fails_y}" for point in points),
        left=" ".join(f"{point.x},{point.left_y}" for point in points),
        ticks=tuple(_tick(value, top) for value in sorted({0, top // 2, top})),
        first=points[0].at,
        last=points[-1].at,
    )


def _point(place: int, audit: PastAudit, scale: tuple[int, int], zone: tzinfo | None) -> Point:
    many, top = scale
    # Evenly, not by the clock: audits of a night and of a busy hour are worth the same.
    x = _LEFT + place * (WIDTH - _LEFT - _RIGHT) / (many - 1)
    at = datetime.fromtimestamp(audit.at, zone)
    return Point(
        x=round(x, 1),
        fails_y=_height(audit.fails, top),
        left_y=_height(audit.left_over, top),
        at=f"{at.day} {at:%b %Y, %H:%M}",
        fails=audit.fails,
        left=audit.left_over,
        share=share(audit.holds, audit.checked),
    )


def _tick(value: int, top: int) -> tuple[float, float, int]:
    """Return the height of a number's line, the base line of the number itself, and the number."""
    y = _height(value, top)
    return y, round(y + 4, 1), value


def _height(value: int, top: int) -> float:
    return round(HEIGHT - _BOTTOM - value * (HEIGHT - _TOP - _BOTTOM) / top, 1)
