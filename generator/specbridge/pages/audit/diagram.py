"""The drawing of two systems: a box for each resource, and between them a line for each flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specbridge.pages.audit.flows import FlowShare
from specbridge.pages.texts import shortened

BOX = 46
"""Height of a box, in the drawing's own units."""

_ROW = 70
_TOP = 44
_LABELS = 36
_ABOVE, _BELOW = 20, 35  # where the lines of a box's text stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The measures of a drawing: how wide it is, its boxes, and how long a text a box can hold."""

    width: int
    box: int
    letters: int
    font: int
    pairs: bool


WIDE = Shape(width=880, box=230, letters=26, font=14, pairs=True)
NARROW = Shape(width=360, box=120, letters=15, font=12, pairs=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A resource: its place, its name as far as it fits and whole, and how many records were read."""

    x: int
    y: int
    text: str
    whole: str
    read: str

    @property
    def text_x(self) -> int:
        """Return where its text begins."""
        return self.x + 12

    @property
    def text_y(self) -> int:
        """Return the base line of its name."""
        return self.y + _ABOVE

    @property
    def read_y(self) -> int:
        """Return the base line of its count."""
        return self.y + _BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A flow: its path, its colour, and its label with the place of that."""

    path: str
    tone: str
    label: str
    told: str
    x: int
    y: int
    half: int

    @property
    def left(self) -> int:
        """Return where the label's ground begins."""
        return self.x - self.half

    @property
    def top(self) -> int:
        """Return where the label's ground begins, from above."""
        return self.y - 12

    @property
    def base(self) -> int:
        """Return the label's base line."""
        return self.y + 4

    @property
    def wide(self) -> int:
        """Return how wide the label's ground is."""
        return 2 * self.half


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing of two systems, and in words what it shows."""

    name: str
    shape: Shape
    height: int
    left: str
    right: str
    right_x: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    told: str


def draw_systems(
    flows: Sequence[FlowShare], read: Mapping[tuple[str, str], int], shape: Shape
) -> list[Drawing]:
    """Return a drawing for each two systems that have flows between them, in the flows' order."""
    groups: dict[frozenset[str], list[FlowShare]] = {}
    for flow in flows:
        ends = frozenset((flow.flow.source.system, flow.flow.target.system))
        groups.setdefault(ends, []).append(flow)
    return [_draw(group, read, shape, number) for number, group in enumerate(groups.values())]


def _draw(
    flows: Sequence[FlowShare], read: Mapping[tuple[str, str], int], shape: Shape, number: int
) -> Drawing:
    left = flows[0].flow.source
    right = flows[0].flow.target
    ends = [_ends(flow, left.system) for flow in flows]
    columns = _columns(ends)
    rows = max(map(len, columns))
    height = max(rows * _ROW, len(flows) * _LABELS + 10)
    tops = [_spread(len(column), height) for column in columns]
    xs = 1, shape.width - shape.box - 1
    boxes = [
        _box(shape, xs[side], tops[side][place], one, read)
        for side in (0, 1)
        for place, one in enumerate(columns[side])
    ]
    places = [dict(zip(columns[side], tops[side], strict=True)) for side in (0, 1)]
    return Drawing(
        name=f"{'wide' if shape.pairs else 'narrow'}-{number}",
        shape=shape,
        height=height + _TOP + 6,
        left=left.called,
        right=right.called,
        right_x=xs[1],
        boxes=tuple(boxes),
        lines=tuple(_lines(flows, ends, places, (shape, height))),
        told="; ".join(flow.told for flow in flows),
    )


End = tuple[str, str]
"""A resource: its system and its name."""


def _ends(flow: FlowShare, left: str) -> tuple[End, End]:
    """Return the resources of a flow, the left system's first: a document may face the other way."""
    source, target = flow.flow.source, flow.flow.target
    ends = (source.system, source.resource), (target.system, target.resource)
    return ends if source.system == left else ends[::-1]


def _columns(ends: Sequence[tuple[End, End]]) -> tuple[list[End], list[End]]:
    """Return the resources of both systems; the right ones as near as may be to what they go with."""
    left = list(dict.fromkeys(end[0] for end in ends))
    right = list(dict.fromkeys(end[1] for end in ends))
    met = {one: [left.index(end[0]) for end in ends if end[1] == one] for one in right}
    # So that few lines cross: each where the middle of its counterparts is.
    return left, sorted(right, key=lambda one: sum(met[one]) / len(met[one]))


def _spread(count: int, height: int) -> list[int]:
    """Return the tops of boxes, evenly over a height."""
    step = height / count
    return [round(_TOP + step * place + (step - BOX) / 2) for place in range(count)]


def _box(shape: Shape, x: int, y: int, end: End, read: Mapping[tuple[str, str], int]) -> Box:
    name = end[1]
    text = shortened(name, shape.letters)
    return Box(x=x, y=y, text=text, whole=name, read=f"{read.get(end, 0):,} read")


def _lines(
    flows: Sequence[FlowShare],
    ends: Sequence[tuple[End, End]],
    places: Sequence[Mapping[End, int]],
    sizes: tuple[Shape, int],
) -> list[Line]:
    shape, height = sizes
    centres = [[places[side][end[side]] + BOX // 2 for side in (0, 1)] for end in ends]
    levels = _apart([sum(centre) // 2 for centre in centres], [c[1] for c in centres], height)
    return [_line(flow, centres[place], levels[place], shape) for place, flow in enumerate(flows)]


def _apart(middles: Sequence[int], ends: Sequence[int], height: int) -> dict[int, int]:
    """Return the levels of labels: at the lines' middles, or one below the other where they would meet."""
    order = sorted(range(len(middles)), key=lambda place: (middles[place], ends[place]))
    levels: dict[int, int] = {}
    last = _TOP - _LABELS // 2
    for place in order:
        last = max(middles[place], last + _LABELS)
        levels[place] = last
    # Back from below: the last ones may have been pushed out of the drawing.
    limit = _TOP + height - _LABELS // 2
    for place in reversed(order):
        levels[place] = min(levels[place], limit)
        limit = levels[place] - _LABELS
    return levels


def _line(flow: FlowShare, centre: Sequence[int], level: int, shape: Shape) -> Line:
    begin, end = shape.box + 1, shape.width - shape.box - 1
    middle = shape.width // 2
    label = flow.label if shape.pairs else flow.share
    half = 9 + round(3.2 * len(label))
    bend = (middle - begin) // 2
    path = (
        f"M{begin} {centre[0]}C{begin + bend} {centre[0]} {middle - bend} {level} {middle} {level}"
        f"S{end - bend} {centre[1]} {end} {centre[1]}"
    )
    return Line(
        path=path, tone=flow.tone, label=label, told=flow.told, x=middle, y=level, half=half
    )
