"""A flow before and after: its sides, when it creates, its tables, its sentences."""

from collections.abc import Iterator
from dataclasses import replace

from specbridge.drift.meaning.change import Change, in_words, old_new
from specbridge.drift.meaning.rows import compare_link_rules, compare_rows
from specbridge.model.resolved import CreationRule, ResolvedFlow, ResolvedSide
from specbridge.model.values import CreationPolicy

_WHEN = ", it will be synchronized with"
_CONNECTED = ("connected to ", " that is synchronized into")


def compare_flows(old: ResolvedFlow, new: ResolvedFlow) -> tuple[Change, ...]:
    """Return what changed in a flow, each change with the flow's name and a line of the new document."""
    found = [*_compare_sides(old, new), *_compare_creations(old, new)]
    found += compare_link_rules(old, new)
    # Sentences name the sides, the rules and the creation: where those changed, they say no more.
    if not found:
        found += _compare_sentences(old, new)
    found += compare_rows(old, new)
    if old.document != new.document:
        found.append(old_new("documents-changed", "quoted from", old.document, new.document))
    return tuple(
        replace(change, flow=new.name, where=change.where or new.where) for change in found
    )


def flow_change(kind: str, flow: ResolvedFlow) -> Change:
    """Return the change that a flow is there, or no longer."""
    sides = {"source": _side(flow.source), "target": _side(flow.target)}
    # The line of what is gone is one of a document that is gone, too.
    where = flow.where if kind == "flow-added" else None
    return Change(kind=kind, flow=flow.name, detail=sides, where=where)


def _side(side: ResolvedSide) -> str:
    return " ".join(filter(None, (side.system, side.resource, side.subset)))


def _label(side: ResolvedSide) -> str:
    return " ".join(filter(None, (side.label, side.datatype, side.subset)))


def _compare_sides(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    sides = (("source", old.source, new.source), ("target", old.target, new.target))
    for name, before, after in sides:
        if _selected(before) != _selected(after):
            yield old_new("flow-retargeted", name, _side(before), _side(after))
        elif _label(before) != _label(after):
            yield old_new("label-changed", name, _label(before), _label(after))
    if old.runnable != new.runnable:
        kind = "flow-started" if new.runnable else "flow-stopped"
        yield old_new(kind, "flow", *(_can(flow) for flow in (old, new)))


def _selected(side: ResolvedSide) -> object:
    """Return which records a side is about: two words for one subset select the same."""
    return side.system, side.resource, side.predicate or side.subset


def _can(flow: ResolvedFlow) -> str:
    return "runs" if flow.runnable else "cannot run"


def _compare_creations(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    ways = (
        ("to_target", (old.to_target, old.source), (new.to_target, new.source)),
        ("to_source", (old.to_source, old.target), (new.to_source, new.target)),
    )
    for way, (old_rule, old_side), (new_rule, new_side) in ways:
        before, after = _creation_text(old_rule, old_side), _creation_text(new_rule, new_side)
        if before != after:
            yield old_new(_creation_kind(old_rule, new_rule), way, before, after)


def _creation_kind(old: CreationRule, new: CreationRule) -> str:
    if old.policy is CreationPolicy.NEVER:
        return "creation-added"
    return "creation-removed" if new.policy is CreationPolicy.NEVER else "creation-changed"


def _creation_text(rule: CreationRule, side: ResolvedSide) -> str:
    connections = (f"{c.resource}.{in_words(c.path)}" for c in rule.connections)
    condition = rule.condition
    states = ""
    if condition is not None:
        states = f"{in_words(condition.path)} is {'not ' if condition.negate else ''}"
        states += repr(condition.value)
    return " ".join(filter(None, (rule.policy.value, *connections, states, _said(rule, side))))


def _said(rule: CreationRule, side: ResolvedSide) -> str:
    """Return the words of a creation sentence that say for which records; the sides' names aside."""
    text = " ".join(rule.statement.split())
    if rule.policy is CreationPolicy.WHEN:
        text = text.partition(_WHEN)[0].removeprefix("When a ").removeprefix(f"{_label(side)} ")
    elif rule.policy is CreationPolicy.CONNECTED:
        text = text.partition(_CONNECTED[0])[2].partition(_CONNECTED[1])[0]
        text = text.removeprefix("a ").removeprefix(f"{side.label} ")
    else:
        return ""
    return f"«{text}»" if text else ""


def _compare_sentences(old: ResolvedFlow, new: ResolvedFlow) -> Iterator[Change]:
    if old.statements == new.statements:
        return
    gone = [text for text in old.statements if text not in new.statements]
    come = [text for text in new.statements if text not in old.statements]
    if gone or come:
        yield old_new("text-changed", "sentences", " ".join(gone), " ".join(come))
    else:
        texts = (" ".join(flow.statements) for flow in (old, new))
        yield old_new("order-changed", "sentences", *texts)
