"""The views of whole pages: a document, the index over all packages, and the lineage of properties."""

from collections import Counter
from collections.abc import Sequence

from specbridge.model.document import Document
from specbridge.model.resolved import ResolvedFlow, ResolvedPackage
from specbridge.model.values import Direction
from specbridge.pages.documents.diagram import Diagram, Wire, draw_flows, draw_systems
from specbridge.pages.documents.facts import limit_words
from specbridge.pages.documents.flows import count_rows, view_flow
from specbridge.pages.documents.lineage import row_nodes
from specbridge.pages.documents.material import Material, Told, is_sound, package_sides
from specbridge.pages.documents.names import bare_name
from specbridge.pages.documents.tracing import FEW, view_property
from specbridge.pages.documents.view import (
    DocumentLine,
    DocumentView,
    FlowView,
    IndexView,
    LineageIndexView,
    LineageView,
    Link,
    ProblemView,
    PropertyLineage,
    SystemView,
)
from specbridge.pages.documents.words import counted, goes

Figures = tuple[tuple[str, str], ...]


def view_document(material: Material, document: Document) -> DocumentView:
    """Return the page of a document: the flows of its package, which are its mirror's as well."""
    package = material.package_of(document)
    flows = _flows_of(package)
    views = tuple(
        view_flow(material, flow, number, document.path) for number, flow in enumerate(flows, 1)
    )
    told = material.told_of(document)
    shown = material.shown[document.path]
    return DocumentView(
        title=f"{bare_name(document.path)} - specbridge",
        heading=_heading(material, document, package),
        path=shown,
        written=f"{material.output}/{package.name}" if package and is_sound(package) else "",
        mirrors=_mirrors(material, document, package),
        unread=tuple(flow.name for flow in document.flows if not flow.readable),
        figures=_figures(flows, told),
        systems=_systems(material, _system_names(flows)),
        diagram=_draw(flows, views) if views else None,
        flows=views,
        problems=tuple(_problem(material, one) for one in told),
        lineage=_lineage(material, flows),
    )


def view_index(material: Material) -> IndexView:
    """Return the page of all packages."""
    lines = tuple(_line(material, document) for document in material.documents)
    flows = [flow for package in material.packages for flow in package.flows]
    return IndexView(
        title="Dataflow documents - specbridge",
        documents=lines,
        systems=_systems(material, sorted(material.labels)),
        diagram=_draw_all(material),
        figures=(("Documents", str(len(lines))), *_figures(flows, material.told)),
    )


def view_lineage(material: Material, system: str) -> LineageView:
    """Return the page of a system's properties that feed others or are fed."""
    label = material.labels.get(system, system)
    return LineageView(
        title=f"Lineage of {label} - specbridge",
        system=label,
        properties=tuple(
            view_property(material, node)
            for node in material.lineage.nodes
            if node.system == system
        ),
    )


def view_lineage_index(material: Material) -> LineageIndexView:
    """Return the page that leads to each system's lineage."""
    counts = Counter(node.system for node in material.lineage.nodes)
    return LineageIndexView(
        title="Lineage - specbridge",
        systems=tuple(
            (
                Link(text=material.labels.get(system, system), href=page),
                counted(counts[system], "property", "properties"),
            )
            for system, page in material.lineage_pages.items()
        ),
    )


def _flows_of(package: ResolvedPackage | None) -> Sequence[ResolvedFlow]:
    # A package has its flows in the order in which they run; people read the document's.
    return sorted(package.flows, key=lambda flow: flow.where) if package else []


def _heading(material: Material, document: Document, package: ResolvedPackage | None) -> str:
    return " and ".join(_ends(material, package)) or document.title or bare_name(document.path)


def _ends(material: Material, package: ResolvedPackage | None) -> Sequence[str]:
    """Return what people call the two systems of a package, nothing where it has no flow."""
    sides = package_sides(package)[:2] if package else ()
    return [material.labels.get(side.system, side.label) for side in sides]


def _mirrors(
    material: Material, document: Document, package: ResolvedPackage | None
) -> tuple[Link, ...]:
    if package is None or len(package.documents) == 1:
        return ()
    others = [one for one in material.documents_of(package) if one is not document]
    return tuple(
        Link(text=material.shown[one.path], href=material.page_of(one.path)) for one in others
    )


def _figures(flows: Sequence[ResolvedFlow], told: Sequence[Told]) -> Figures:
    rows = count_rows(flows)
    one_way = rows[Direction.TO_TARGET] + rows[Direction.TO_SOURCE]
    open_ = [one for one in told if not one.aside]
    return (
        ("Flows", str(len(flows))),
        ("Rows kept equal both ways", str(rows[Direction.BOTH])),
        ("Rows one way", str(one_way)),
        ("Rows held", str(rows[Direction.NONE])),
        ("Errors", str(sum(one.error for one in open_))),
        ("Warnings", str(sum(not one.error for one in open_))),
    )


def _system_names(flows: Sequence[ResolvedFlow]) -> Sequence[str]:
    ends = (side.system for flow in flows for side in (flow.source, flow.target))
    return list(dict.fromkeys(ends))


def _systems(material: Material, names: Sequence[str]) -> tuple[SystemView, ...]:
    return tuple(_system(material, name) for name in names)


def _system(material: Material, name: str) -> SystemView:
    label, known = material.labels.get(name, name), material.known.get(name)
    if known is None:
        return SystemView(name=label, labels="", source="", limits=(), notes=())
    return SystemView(
        name=label,
        labels=", ".join(known.profile.labels),
        source=known.source,
        limits=tuple(map(limit_words, known.profile.limits)),
        notes=known.notes,
    )


def _problem(material: Material, told: Told) -> ProblemView:
    found = told.problem
    return ProblemView(
        code=found.code,
        topic=material.topics.get(found.code, ""),
        line=found.where.line,
        message=found.message,
        mend=found.mend,
        flow=found.flow or "",
        aside=told.aside,
        state="set aside" if told.aside else "error" if told.error else "warning",
        mark="" if told.aside else "fails" if told.error else "held",
    )


def _lineage(material: Material, flows: Sequence[ResolvedFlow]) -> tuple[PropertyLineage, ...]:
    nodes = {node for flow in flows for row in flow.mappings for node in row_nodes(flow, row)}
    known = sorted(node for node in nodes if node in material.numbers)
    return tuple(view_property(material, node, FEW) for node in known)


def _draw(flows: Sequence[ResolvedFlow], views: Sequence[FlowView]) -> Diagram:
    wires = [_wire(flow, view) for flow, view in zip(flows, views, strict=True)]
    text = ". ".join(f"{wire.number}: {wire.title}" for wire in wires)
    return draw_flows(wires, text)


def _wire(flow: ResolvedFlow, view: FlowView) -> Wire:
    rows = count_rows([flow])
    held = rows[Direction.NONE]
    kept = rows.total() - held
    said = f"{view.title}: {counted(kept, 'row')} kept equal" + (f", {held} held" if held else "")
    return Wire(
        source=view.source.name,
        target=view.target.name,
        number=view.number,
        href=f"#{view.anchor}",
        title=said if view.rows else f"{view.title}: linked only",
        ahead=any(goes(way, Direction.TO_TARGET) for way in rows),
        back=any(goes(way, Direction.TO_SOURCE) for way in rows),
    )


def _line(material: Material, document: Document) -> DocumentLine:
    package = material.package_of(document)
    flows = _flows_of(package)
    told = [one for one in material.told_of(document) if not one.aside]
    ends = _ends(material, package) or ["", ""]
    rows = count_rows(flows)
    return DocumentLine(
        page=Link(text=bare_name(document.path), href=material.page_of(document.path)),
        path=material.shown[document.path],
        package=package.name if package else "",
        source=ends[0],
        target=ends[1],
        flows=len(flows),
        flow_word="flow" if len(flows) == 1 else "flows",
        rows=rows.total(),
        row_word="row" if rows.total() == 1 else "rows",
        held=rows[Direction.NONE],
        errors=_some(sum(one.error for one in told), "error"),
        warnings=_some(sum(not one.error for one in told), "warning"),
        clean=not told,
    )


def _some(number: int, word: str) -> str:
    return counted(number, word) if number else ""


def _draw_all(material: Material) -> Diagram | None:
    wires = [_package_wire(material, one) for one in material.packages if one.flows]
    names = list(dict.fromkeys(end for wire in wires for end in (wire.source, wire.target)))
    return draw_systems(names, wires, ". ".join(wire.title for wire in wires))


def _package_wire(material: Material, package: ResolvedPackage) -> Wire:
    ends = _ends(material, package)
    documents = material.documents_of(package)
    pages = (material.page_of(one.path) for one in documents)
    shown = " and ".join(bare_name(one.path) for one in documents)
    count = len(package.flows)
    return Wire(
        source=ends[0],
        target=ends[1],
        number=count,
        href=next(filter(None, pages), ""),
        title=f"{ends[0]} and {ends[1]}, {counted(count, 'flow')}: {shown}",
        ahead=True,
        back=True,
    )
