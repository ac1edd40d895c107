"""Which package and which flow of the old version is which of the new one."""

from collections.abc import Sequence
from dataclasses import replace

from specbridge.drift.digests import digest_meaning
from specbridge.drift.meaning.rows import row_text
from specbridge.model.resolved import ResolvedFlow, ResolvedPackage

Pair = tuple[ResolvedFlow, ResolvedFlow]


def match_packages(
    old: Sequence[ResolvedPackage], new: Sequence[ResolvedPackage]
) -> tuple[
    list[tuple[ResolvedPackage, ResolvedPackage]], list[ResolvedPackage], list[ResolvedPackage]
]:
    """Return the packages of one name, else from one document; then those that went, and that came."""
    left = {package.name: package for package in old}
    partners = {one.name: left.pop(one.name) for one in new if one.name in left}
    for package in new:
        if package.name not in partners:
            before = next((p for p in left.values() if _shares_document(p, package)), None)
            if before is not None:
                partners[package.name] = left.pop(before.name)
    pairs = [(partners[one.name], one) for one in new if one.name in partners]
    return pairs, list(left.values()), [one for one in new if one.name not in partners]


def match_flows(
    old: Sequence[ResolvedFlow], new: Sequence[ResolvedFlow]
) -> tuple[list[Pair], list[ResolvedFlow], list[ResolvedFlow]]:
    """Return the flows of one name, then those that went, and that came.

    Of sections of one name (`x_to_y`, `x_to_y_2`) those go together that say the same, then those that
    have most rows in common: which is called what depends on their order alone.
    """
    before, after = _by_heading(old), _by_heading(new)
    pairs: list[Pair] = []
    for heading, flows in after.items():
        pairs += _match_sections(before.get(heading, []), flows)
    known = {id(flow) for pair in pairs for flow in pair}
    # A flow of one name may have another heading: a label, or a subset in other words.
    names = {flow.name: flow for flow in old if id(flow) not in known}
    pairs += [(names[one.name], one) for one in new if id(one) not in known and one.name in names]
    known = {id(flow) for pair in pairs for flow in pair}
    gone, come = ([flow for flow in flows if id(flow) not in known] for flows in (old, new))
    return pairs, gone, come


def _shares_document(one: ResolvedPackage, other: ResolvedPackage) -> bool:
    return bool(set(one.documents) & set(other.documents))


def _by_heading(flows: Sequence[ResolvedFlow]) -> dict[object, list[ResolvedFlow]]:
    found: dict[object, list[ResolvedFlow]] = {}
    for flow in flows:
        sides = tuple((side.datatype, side.subset) for side in (flow.source, flow.target))
        found.setdefault(sides, []).append(flow)
    return found


def _match_sections(old: Sequence[ResolvedFlow], new: Sequence[ResolvedFlow]) -> list[Pair]:
    """Pair sections of one heading: a lone one with the other, else by likeness, then by name."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    marks = {id(flow): _mark(flow) for flow in (*old, *new)}
    ranked = sorted(
        ((_likeness(marks[id(one)], marks[id(other)]), one, other) for one in old for other in new),
        key=lambda found: found[0],
        reverse=True,
    )
    pairs: list[Pair] = []
    taken: set[int] = set()
    for _, one, other in ranked:
        if not {id(one), id(other)} & taken:
            pairs.append((one, other))
            taken |= {id(one), id(other)}
    return pairs


_Mark = tuple[str, frozenset[str], str]
"""Of a flow: the digest of its meaning but for its name, its rows, its name."""


def _mark(flow: ResolvedFlow) -> _Mark:
    rows = frozenset(row_text(row) for row in flow.mappings)
    return digest_meaning(replace(flow, name="")), rows, flow.name


def _likeness(one: _Mark, other: _Mark) -> tuple[bool, int, bool]:
    # Where nothing tells two sections apart, each keeps its name.
    return one[0] == other[0], len(one[1] & other[1]), one[2] == other[2]
