"""What changed in meaning between two versions of a project's documents; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from specbridge.drift.digests import digest_meaning
from specbridge.drift.meaning.change import Change, old_new
from specbridge.drift.meaning.flows import compare_flows, flow_change
from specbridge.drift.meaning.matching import Pair, match_flows, match_packages
from specbridge.model.resolved import ResolvedFlow, ResolvedPackage

CodeOf = Callable[[ResolvedFlow], object]
"""What is generated of a flow, for comparison."""

Packages = tuple[ResolvedPackage, ResolvedPackage]


def compare_packages(
    old: Sequence[ResolvedPackage], new: Sequence[ResolvedPackage], code: CodeOf | None = None
) -> tuple[Change, ...]:
    """Return the changes in the order of the new packages' flows; what is gone comes last.

    Packages are matched by name, else by a document that both are from; flows by name, sections of
    one name by what they say. With `code` a flow has changes exactly where its code has: what does
    not show there is none, and what shows there and has no kind of its own is `code-changed`.
    """
    pairs, removed, added = match_packages(old, new)
    changes = [change for pair in pairs for change in _compare_pair(pair, code)]
    for package in added:
        changes += _whole(package, "added")
    for package in removed:
        changes += _whole(package, "removed")
    return tuple(changes)


def _whole(package: ResolvedPackage, what: str) -> Iterator[Change]:
    """Yield that a package came or went: flow by flow, and as such where it has none."""
    for flow in package.flows:
        yield replace(flow_change(f"flow-{what}", flow), package=package.name)
    if not package.flows:
        yield Change(kind=f"package-{what}", flow="", detail=_from(package), package=package.name)


def _from(package: ResolvedPackage) -> dict[str, str]:
    return {"documents": _documents(package)}


def _documents(package: ResolvedPackage) -> str:
    return " and ".join(package.documents)


def _compare_pair(packages: Packages, code: CodeOf | None) -> Iterator[Change]:
    old, new = packages
    pairs, removed, added = match_flows(old.flows, new.flows)
    found = [*_compare_frames(packages), *_compare_names(pairs)]
    partners = {id(after): before for before, after in pairs}
    for flow in new.flows:
        if flow in added:
            found.append(flow_change("flow-added", flow))
        else:
            found += _compare_code(partners[id(flow)], flow, code)
    # Last, since a reader follows the new document from top to bottom.
    found += [flow_change("flow-removed", flow) for flow in removed]
    yield from (replace(change, package=new.name) for change in found)


def _compare_frames(packages: Packages) -> Iterator[Change]:
    old, new = packages
    if old.name != new.name:
        yield old_new("package-renamed", "package", old.name, new.name)
    if old.documents != new.documents:
        yield old_new("documents-changed", "documents", _documents(old), _documents(new))
    yield from _compare_turns(old.flows, new.flows)


def _compare_names(pairs: Sequence[Pair]) -> Iterator[Change]:
    """Yield that sections of one name changed places, else which flow has another name."""
    renamed = [(old, new) for old, new in pairs if old.name != new.name]
    both = {old.name for old, _ in renamed} & {new.name for _, new in renamed}
    swapped = sorted(
        (old.name, new.name, new.where) for old, new in renamed if {old.name, new.name} <= both
    )
    if swapped:
        texts = (", ".join(names) for names in list(zip(*swapped, strict=True))[:2])
        change = old_new("sections-swapped", "sections", *texts)
        yield replace(change, flow=swapped[0][0], where=min(where for *_, where in swapped))
    for one, other in renamed:
        if not {one.name, other.name} <= both:
            change = old_new("flow-renamed", "flow", one.name, other.name)
            yield replace(change, flow=other.name, where=other.where)


def _compare_turns(old: Sequence[ResolvedFlow], new: Sequence[ResolvedFlow]) -> Iterator[Change]:
    """Compare the order of the flows that both have: those of one pair are read as one table."""
    names = {flow.name for flow in old} & {flow.name for flow in new}
    before, after = ([flow for flow in flows if flow.name in names] for flows in (old, new))
    texts = tuple(", ".join(flow.name for flow in flows) for flows in (before, after))
    if texts[0] == texts[1]:
        return
    places = {flow.name: place for place, flow in enumerate(before)}
    turned = (
        (one, other)
        for place, one in enumerate(after)
        for other in after[place + 1 :]
        if places[one.name] > places[other.name]
    )
    competing = any(_compete(one, other) for one, other in turned)
    yield old_new("preference-changed" if competing else "order-changed", "flows", *texts)


def _compete(one: ResolvedFlow, other: ResolvedFlow) -> bool:
    """Return whether two flows are about the same resources and have a property in common."""
    if _ends(one) != _ends(other):
        return False
    targets = {row.target.path for row in one.mappings}
    sources = {row.source.path for row in one.mappings}
    return any(r.target.path in targets or r.source.path in sources for r in other.mappings)


def _ends(flow: ResolvedFlow) -> tuple[tuple[str, str], ...]:
    return tuple((side.system, side.resource) for side in (flow.source, flow.target))


def _compare_code(old: ResolvedFlow, new: ResolvedFlow, code: CodeOf | None) -> tuple[Change, ...]:
    old = replace(old, name=new.name)
    # Nearly all flows of a project are as they were: nothing is rendered of them.
    if digest_meaning(old) == digest_meaning(new):
        return ()
    found = compare_flows(old, new)
    if code is None:
        return found
    if code(old) == code(new):
        return ()
    other = Change(kind="code-changed", flow=new.name, detail={"flow": new.name}, where=new.where)
    return found or (other,)
