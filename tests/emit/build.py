"""Resolved flows built by hand, for tests that are about emit alone."""

import json
from collections.abc import Sequence

from specbridge.errors import Location
from specbridge.model.conversion import Call, Conversion, Expression, Literal, Value, ValueType
from specbridge.model.profile import Property
from specbridge.model.resolved import (
    CreationRule,
    Held,
    Reference,
    ResolvedCondition,
    ResolvedFlow,
    ResolvedLinkRule,
    ResolvedMapping,
    ResolvedPackage,
    ResolvedProperty,
    ResolvedSide,
)
from specbridge.model.values import CreationPolicy, Direction, Json

HERE = Location("a-b.rst", 1)


def side(datatype: str, *, label: str = "Acme", subset: str | None = None) -> ResolvedSide:
    return ResolvedSide(
        system=label.lower(),
        label=label,
        datatype=datatype,
        subset=subset,
        resource=datatype,
        known=True,
    )


def prop(
    path: str,
    type_: ValueType = ValueType.STRING,
    *conditions: tuple[str, Json],
    ignores_case: bool = False,
) -> ResolvedProperty:
    steps = tuple(path.split("."))
    definition = Property(path=steps, type=type_, case_insensitive=True) if ignores_case else None
    return ResolvedProperty(
        text=path,
        path=steps,
        type=type_,
        definition=definition,
        conditions=tuple(
            ResolvedCondition(path=tuple(where.split(".")), value=value)
            for where, value in conditions
        ),
    )


def expression(parsed: object) -> Expression:
    """Read an expression from JSON values, as documents write it."""
    match parsed:
        case "_.":
            return Value()
        case [str() as function, *arguments]:
            return Call(function, tuple(expression(item) for item in arguments))
        case str() | int() | float() | bool() | None:
            return Literal(parsed)
        case _:
            raise AssertionError(parsed)


def conversion(text: str) -> Conversion:
    """Read a data type: a function's name, or JSON."""
    parsed: object = json.loads(text) if text.startswith("[") else [text, "_."]
    return Conversion(text=text, expression=expression(parsed))


def row(
    source: ResolvedProperty | str,
    target: ResolvedProperty | str,
    forward: str | None = "string",
    backward: str | None = None,
    direction: Direction = Direction.BOTH,
    *,
    reference: tuple[str, str] | None = None,
    held: tuple[Held, ...] = (),
) -> ResolvedMapping:
    here = prop(source) if isinstance(source, str) else source
    there = prop(target) if isinstance(target, str) else target
    return ResolvedMapping(
        source=here,
        target=there,
        forward=conversion(forward) if forward else None,
        backward=conversion(backward) if backward else None,
        direction=direction,
        reference=Reference(source=reference[0], target=reference[1]) if reference else None,
        held=held,
        statement=f"{here.text} | {there.text} | {forward or 'N/A'}",
        where=HERE,
    )


def rule(source: ResolvedProperty, target: ResolvedProperty) -> ResolvedLinkRule:
    return ResolvedLinkRule(
        source=source,
        target=target,
        case_insensitive=True,
        reference=None,
        statement=f"{source.text} | {target.text}",
        where=HERE,
    )


def flow(
    source: ResolvedSide,
    target: ResolvedSide,
    mappings: Sequence[ResolvedMapping] = (),
    rules: Sequence[ResolvedLinkRule] = (),
    *,
    name: str = "a_to_b",
) -> ResolvedFlow:
    return ResolvedFlow(
        name=name,
        document="a-b.rst",
        source=source,
        target=target,
        to_target=CreationRule(policy=CreationPolicy.ALWAYS),
        to_source=CreationRule(),
        link_rules=tuple(rules),
        mappings=tuple(mappings),
        statements=("Every A will be synchronized with a B.",),
        runnable=True,
        where=HERE,
    )


def package(*flows: ResolvedFlow, name: str = "a_b") -> ResolvedPackage:
    return ResolvedPackage(name=name, documents=("a-b.rst",), flows=flows, problems=())
