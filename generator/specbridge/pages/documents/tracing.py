"""The lineage of single properties as it is shown: what is nearest first, each led to by its last step."""

from collections.abc import Sequence

from specbridge.pages.documents.lineage import Node, Reach
from specbridge.pages.documents.material import Material
from specbridge.pages.documents.view import PropertyLineage, ReachView, WayView
from specbridge.pages.documents.words import path_words

MOST = 60
"""So many properties are named of those that one reaches; of the others only the number is told."""

FEW = 8
"""So many on the page of a document, from which another page leads to the rest."""


def view_property(material: Material, node: Node, most: int = MOST) -> PropertyLineage:
    """Return what a property reaches and what it comes from."""
    number = material.numbers[node]
    return PropertyLineage(
        name=path_words(node.path),
        place=f"{material.labels.get(node.system, node.system)} {node.resource}",
        anchor=f"property-{number}",
        page=_address(material, node),
        ways=_view_ways(material, node, most),
    )


def anchor(material: Material, node: Node) -> str:
    """Return where a property's lineage stands within a page, "" where it has none."""
    number = material.numbers.get(node)
    return f"property-{number}" if number else ""


def _view_ways(material: Material, node: Node, most: int) -> tuple[WayView, ...]:
    ahead, back = material.lineage.feeds(node), material.lineage.sources(node)
    # Most rows go both ways: what is one and the same is told once.
    if {one.node for one in ahead} == {one.node for one in back} and _plain(ahead) and _plain(back):
        return (_view_way(material, "Feeds, and comes from", ahead, most, back=False),)
    return (
        _view_way(material, "Feeds", ahead, most, back=False),
        _view_way(material, "Comes from", back, most, back=True),
    )


def _plain(found: Sequence[Reach]) -> bool:
    return not any(one.feed.create_only for one in found)


def _view_way(
    material: Material, title: str, found: Sequence[Reach], most: int, *, back: bool
) -> WayView:
    shown = tuple(_view_reach(material, one, back=back) for one in found[:most])
    return WayView(title=title, found=shown, more=len(found) - len(shown))


def _view_reach(material: Material, reach: Reach, *, back: bool) -> ReachView:
    feed = reach.feed
    before = feed.target if back else feed.source
    page = material.page_of(feed.path)
    return ReachView(
        property=material.full_names[reach.node],
        href=_address(material, reach.node),
        by=f"{material.bare_names[feed.path]}:{feed.line}",
        by_href=f"{page}#line-{feed.line}" if page else "",
        through=material.full_names[before] if reach.steps > 1 else "",
        create_only=feed.create_only,
    )


def _address(material: Material, node: Node) -> str:
    return f"{material.lineage_pages[node.system]}#{anchor(material, node)}"
