"""Documents and profiles by hand, as the tests of resolve need them."""

from collections.abc import Sequence

from specbridge.errors import Location
from specbridge.model.conversion import Call, Conversion, Value
from specbridge.model.document import Document, Flow, Side
from specbridge.model.rules import Condition, Creation, LinkRule, PropertyMapping, PropertyPath

LINKED = Creation(linked=True)
EVERY = Creation(every=True)


def side(label: str, datatype: str, subset: str | None = None) -> Side:
    text = " ".join(filter(None, (label, datatype, subset)))
    return Side(text=text, label=label, datatype=datatype, subset=subset)


def cell(text: str, *conditions: tuple[str, str]) -> PropertyPath:
    found = tuple(Condition(value=v, path=tuple(filter(None, p.split(".")))) for v, p in conditions)
    return PropertyPath(text=text, path=tuple(text.split(".")), conditions=found)


def simple(name: str) -> Conversion:
    return Conversion(text=name, expression=Call(name, (Value(),)))


def row(
    source: str | PropertyPath,
    target: str | PropertyPath,
    conversion: Conversion | str | None = "string",
    line: int = 1,
) -> PropertyMapping:
    found = simple(conversion) if isinstance(conversion, str) else conversion
    return PropertyMapping(
        source=cell(source) if isinstance(source, str) else source,
        target=cell(target) if isinstance(target, str) else target,
        type_text=f'"{found.text}"' if found else "N/A",
        conversion=found,
        where=Location("doc.rst", line),
    )


def rule(source: str, target: str) -> LinkRule:
    return LinkRule(source=cell(source), target=cell(target), where=Location("doc.rst", 1))


def flow(
    source: Side,
    target: Side,
    *properties: PropertyMapping,
    creation: Creation = LINKED,
    rules: Sequence[LinkRule] = (),
    name: str = "",
    line: int = 1,
) -> Flow:
    words = (f"{one.datatype} {one.subset or ''}".split() for one in (source, target))
    return Flow(
        name=name or "_to_".join("_".join(one).lower() for one in words),
        where=Location("doc.rst", line),
        source=source,
        target=target,
        creation=creation,
        link_rules=tuple(rules),
        properties=properties,
    )


def document(
    *flows: Flow, source: str = "Ledgerly", target: str = "Acme", path: str = "ledgerly-acme.rst"
) -> Document:
    return Document(
        path=path,
        title=f"{source} to {target} Dataflow",
        source=source,
        target=target,
        generated=None,
        flows=flows,
        problems=(),
    )
