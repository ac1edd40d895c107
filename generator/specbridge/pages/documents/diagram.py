"""Where the boxes and curves of a diagram lie; the template draws them, this decides their numbers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specbridge.pages.texts import shortened

Point = tuple[float, float]

WIDTH = 760
MOST_SYSTEMS = 24
"""More systems than these are listed only: nobody could tell their lines apart."""

_BOX = 250
_HEAD = 18  # the height of a box without any line
_STEP = 24  # between the lines that meet a box
_GAP = 18
_LETTERS = 30  # of a name in a box
_SYSTEM = (170, 40)
_ALONG = 0.4
_TURNS = (0.5, 0.32, 0.68, 0.41, 0.59)  # where along its curve a flow has its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle with a name in it, cut short where it is too long; `title` is the whole of it."""

    x: float
    y: float
    width: float
    height: float
    name: str
    title: str

    @property
    def middle(self) -> Point:
        """Return the box's middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def text_x(self) -> float:
        """Return the middle of the name."""
        return self.x + self.width / 2

    @property
    def text_y(self) -> float:
        """Return the line on which the name stands."""
        return self.y + self.height / 2 + 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One flow to be drawn: the names of both its boxes, what leads to it, and the ways it goes."""

    source: str
    target: str
    number: int
    href: str
    title: str
    ahead: bool
    back: bool

    @property
    def carries(self) -> bool:
        """Return whether any value goes along it."""
        return self.ahead or self.back


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line between two boxes with a number on it; `path` is SVG's."""

    path: str
    x: float
    y: float
    wire: Wire

    @property
    def text_y(self) -> float:
        """Return the line on which its number stands."""
        return round(self.y + 4.5, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """All that is drawn, within `width` and `height`; `text` says it to who cannot see it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    text: str

    @property
    def canvas_width(self) -> float:
        """Return the width with what strokes need beside it."""
        return self.width + 4

    @property
    def canvas_height(self) -> float:
        """Return the height with what strokes need beside it."""
        return self.height + 8


def draw_flows(wires: Sequence[Wire], text: str) -> Diagram:
    """Return the source's kinds of records on the left, the target's on the right, a curve per flow."""
    left = _column([wire.source for wire in wires], 0)
    right = _column([wire.target for wire in wires], WIDTH - _BOX)
    used: dict[tuple[int, str], int] = {}
    curves = []
    for place, wire in enumerate(wires):
        start = _port(left[wire.source], used, (0, wire.source))
        end = _port(right[wire.target], used, (1, wire.target))
        curves.append(_curve(wire, start, end, _TURNS[place % len(_TURNS)]))
    boxes = (*left.values(), *right.values())
    height = max((box.y + box.height for box in boxes), default=0)
    return Diagram(width=WIDTH, height=height, boxes=boxes, curves=tuple(curves), text=text)


def draw_systems(names: Sequence[str], wires: Sequence[Wire], text: str) -> Diagram | None:
    """Return the systems in a circle, a line per package; None where they are too many to be drawn."""
    if not names or len(names) > MOST_SYSTEMS:
        return None
    width, height = _SYSTEM
    # Two systems face each other.
    tall = max(180.0, 34.0 * len(names)) if len(names[2:]) else 0.0
    boxes = {}
    for place, name in enumerate(names):
        angle = math.pi + 2 * math.pi * place / len(names)
        x = WIDTH / 2 + (WIDTH - width) / 2 * math.cos(angle) - width / 2
        y = tall / 2 + tall / 2 * math.sin(angle)
        boxes[name] = _box(name, round(x, 1), round(y, 1), width, height)
    curves = [_line(wire, boxes[wire.source].middle, boxes[wire.target].middle) for wire in wires]
    return Diagram(
        width=WIDTH,
        height=tall + height,
        boxes=tuple(boxes.values()),
        curves=tuple(curves),
        text=text,
    )


def _column(names: Sequence[str], x: float) -> Mapping[str, Box]:
    boxes: dict[str, Box] = {}
    y = 0.0
    for name in dict.fromkeys(names):
        height = _HEAD + _STEP * names.count(name)
        boxes[name] = _box(name, x, y, _BOX, height)
        y += height + _GAP
    return boxes


def _box(name: str, x: float, y: float, width: float, height: float) -> Box:
    short = shortened(name, int(_LETTERS * width / _BOX))
    return Box(x=x, y=y, width=width, height=height, name=short, title=name)


def _port(box: Box, used: dict[tuple[int, str], int], key: tuple[int, str]) -> Point:
    """Return where the next line meets a box, on its inner edge, below those that are there."""
    number = used.get(key, 0)
    used[key] = number + 1
    x = box.x + box.width if box.x == 0 else box.x
    return x, box.y + _HEAD / 2 + _STEP * (number + 0.5)


def _curve(wire: Wire, start: Point, end: Point, turn: float) -> Curve:
    middle = (start[0] + end[0]) / 2
    points = (start, (middle, start[1]), (middle, end[1]), end)
    x, y = _on_curve(points, turn)
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    path = f"M{x1:g} {y1:g}C{x2:g} {y2:g} {x3:g} {y3:g} {x4:g} {y4:g}"
    return Curve(path=path, x=round(x, 1), y=round(y, 1), wire=wire)


def _line(wire: Wire, start: Point, end: Point) -> Curve:
    # Not in the middle, where the lines of others cross it.
    x, y = (start[i] + (end[i] - start[i]) * _ALONG for i in (0, 1))
    path = f"M{start[0]:g} {start[1]:g}L{end[0]:g} {end[1]:g}"
    return Curve(path=path, x=round(x, 1), y=round(y, 1), wire=wire)


def _on_curve(points: Sequence[Point], turn: float) -> Point:
    """Return the point of a cubic curve at a turn from 0 to 1 (Bernstein's form)."""
    rest = 1 - turn
    shares = (rest**3, 3 * rest**2 * turn, 3 * rest * turn**2, turn**3)
    x = sum(share * point[0] for share, point in zip(shares, points, strict=True))
    return x, sum(share * point[1] for share, point in zip(shares, points, strict=True))
