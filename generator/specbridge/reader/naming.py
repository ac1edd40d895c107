"""The sides and the name of every flow, told from the whole document."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from specbridge.model.document import Side
from specbridge.reader.faults import Findings
from specbridge.reader.sections import Contents, FlowNames
from specbridge.reader.sides import SideClues, name_flows, read_side
from specbridge.reader.text import compare_key
from specbridge.reader.titles import Title, heading_gaps, is_title, split_heading


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSection:
    """A section that is a flow, its names, and whether each side's label is certain."""

    contents: Contents
    names: FlowNames
    certain: tuple[bool, bool]


def name_sections(
    contents: Sequence[Contents], title: Title | None, findings: Findings
) -> list[NamedSection]:
    """Return the sections that are flows, with their names; report the others to `findings`."""
    labels = _list_labels(contents, title, findings.path)
    drafts = []
    for each in contents:
        pair = _find_pair(each, title)
        if pair is None:
            _report_no_flow(each, findings)
            continue
        sides = [_read_side(each, pair, index, labels) for index in (0, 1)]
        if _is_flow(each, [side for side, _ in sides], title):
            drafts.append((each, sides))
        else:
            _report_no_flow(each, findings)
    # All at once: the second section of the same heading gets a number.
    names = name_flows([(source, target) for _, ((source, _), (target, _)) in drafts])
    return [
        NamedSection(
            contents=each,
            names=FlowNames(
                name=name,
                source=source,
                target=target,
                labels=tuple(filter(None, (source.label, *labels.likely))),
            ),
            certain=(source_certain, target_certain),
        )
        for name, (each, ((source, source_certain), (target, target_certain))) in zip(
            names, drafts, strict=True
        )
    ]


def report_labels(section: NamedSection, findings: Findings) -> None:
    """Report each side whose label is blank, or only taken for one."""
    names, line = section.names, section.contents.heading.line
    sides = (("source", names.source), ("target", names.target))
    for (word, side), certain in zip(sides, section.certain, strict=True):
        if not side.label:
            place = f"the {word} of the flow, before `{side.text}`"
            findings.add("W101", line, place=place)
        elif not certain:
            findings.add("W106", line, side=side.text, label=side.label)


# A document names two systems, and each in a few variants.
_MOST_LABELS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The title's labels by side, every label that the document names, and those of its file's name."""

    by_side: tuple[str, str]
    likely: tuple[str, ...]
    stems: tuple[tuple[str, ...], tuple[str, ...]]


def _list_labels(contents: Sequence[Contents], title: Title | None, path: str) -> _Labels:
    by_side = (title.source, title.target) if title else ("", "")
    stated = (header.label for each in contents for _, header in each.tables)
    named = dict.fromkeys(filter(None, (*by_side, *stated)))
    return _Labels(by_side=by_side, likely=tuple(named)[:_MOST_LABELS], stems=_split_stem(path))


def _split_stem(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what `source-target.rst` may call each side: a name can hold a dash itself."""
    # A path of either system, so that a document reads the same on both.
    words = PureWindowsPath(PurePosixPath(path).name).stem.split("-", _MOST_LABELS)
    cuts = range(1, len(words))
    return (
        tuple("-".join(words[:cut]) for cut in reversed(cuts)),
        tuple("-".join(words[cut:]) for cut in cuts),
    )


def _find_pair(contents: Contents, title: Title | None) -> tuple[str, str] | None:
    """Return the full names of both sides: from a header row, else from the heading.

    A heading that can be split in several ways is split as its sentences name the sides, else where
    the title's labels begin them.
    """
    # The header row comes first: its cells part the two names, a heading's «to» may be in a name.
    for _, header in contents.tables:
        if header.names is not None:
            return header.names
    pairs = list(split_heading(contents.heading.lines[0]))
    if not pairs:
        return None
    return max(pairs, key=lambda pair: (_count_named(pair, contents), _count_begun(pair, title)))


def _count_named(pair: tuple[str, str], contents: Contents) -> int:
    keys = (compare_key(pair[0]), compare_key(pair[1]))
    return sum(
        (compare_key(each.source or ""), compare_key(each.target or "")) == keys
        for each in contents.sentences
    )


def _count_begun(pair: tuple[str, str], title: Title | None) -> int:
    if title is None:
        return 0
    labels = (title.source, title.target)
    return sum(name.startswith(label) for name, label in zip(pair, labels, strict=True))


def _read_side(
    contents: Contents, pair: tuple[str, str], index: int, labels: _Labels
) -> tuple[Side, bool]:
    headers = [header for _, header in contents.tables]
    stated = [header.label for header in headers if header.label is not None]
    gap = any(header.gaps[index] for header in headers)
    clues = SideClues(
        # The third header names the target's system only.
        stated=stated[0] if stated and index else None,
        title=labels.by_side[index],
        others=labels.likely,
        stem=labels.stems[index],
        gap=gap or heading_gaps(contents.heading.lines[0])[index],
    )
    return read_side(pair[index], clues)


def _is_flow(contents: Contents, sides: Sequence[Side], title: Title | None) -> bool:
    """Return whether a section is one: it states something, or begins with the labels of the title."""
    if contents.is_stated:
        return True
    heading = contents.heading.lines[0]
    # A second title begins with the labels too.
    if title is None or is_title(heading):
        return False
    labels = (title.source, title.target)
    return any(labels) and all(
        compare_key(side.label) == compare_key(label)
        for side, label in zip(sides, labels, strict=True)
    )


def _report_no_flow(contents: Contents, findings: Findings) -> None:
    code = "E105" if contents.tables else "W104"
    findings.add(code, contents.heading.line, heading=contents.heading.lines[0])
