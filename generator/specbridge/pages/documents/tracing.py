"""The lineage of single properties as it is shown: steps that lead to other properties' entries."""

from collections.abc import Sequence

from specbridge.pages.documents.lineage import MOST_SHOWN, Feed, Node, Reach
from specbridge.pages.documents.material import Material
from specbridge.pages.documents.names import LINEAGE, bare_name
from specbridge.pages.documents.view import Link, PropertyLineage, StepView
from specbridge.pages.documents.words import path_words


def view_property(material: Material, node: Node) -> PropertyLineage:
    """Return what a property reaches and what it comes from."""
    ahead, back = material.lineage.feeds(node), material.lineage.sources(node)
    return PropertyLineage(
        name=path_words(node.path),
        place=f"{material.labels.get(node.system, node.system)} {node.resource}",
        anchor=anchor(material, node),
        ahead=_chains(material, ahead, back=False),
        back=_chains(material, back, back=True),
        more_ahead=max(0, len(ahead) - MOST_SHOWN),
        more_back=max(0, len(back) - MOST_SHOWN),
    )


def anchor(material: Material, node: Node) -> str:
    """Return where a property's lineage stands within a page, "" where it has none."""
    number = material.numbers.get(node)
    return f"property-{number}" if number else ""


def full_name(material: Material, node: Node) -> str:
    """Return a property with its system and the kind of its records."""
    system = material.labels.get(node.system, node.system)
    return f"{system} {node.resource}: {path_words(node.path)}"


def _chains(
    material: Material, found: Sequence[Reach], *, back: bool
) -> tuple[tuple[StepView, ...], ...]:
    return tuple(
        tuple(_step(material, feed, feed.source if back else feed.target) for feed in one.feeds)
        for one in found[:MOST_SHOWN]
    )


def _step(material: Material, feed: Feed, node: Node) -> StepView:
    page = material.page_of(feed.path)
    return StepView(
        property=Link(text=full_name(material, node), href=f"{LINEAGE}#{anchor(material, node)}"),
        by=Link(
            text=f"{bare_name(feed.path)}:{feed.line}",
            href=f"{page}#line-{feed.line}" if page else "",
        ),
        create_only=feed.create_only,
    )
