"""All pages of a project's documents as texts by file name."""

from collections.abc import Mapping

from specbridge.pages.documents.material import Material
from specbridge.pages.documents.names import INDEX, LINEAGE
from specbridge.pages.documents.pages import (
    view_document,
    view_index,
    view_lineage,
    view_lineage_index,
)
from specbridge.pages.documents.view import DocumentView, IndexView, LineageIndexView, LineageView
from specbridge.pages.render import names_of, render_page

_STYLES = ("document.css",)


def render_site(material: Material) -> Mapping[str, str]:
    """Return the pages of the wanted documents, the index over all and the lineage of all."""
    pages = {
        material.pages[document.path]: _render(
            "document.html.jinja", view_document(material, document)
        )
        for document in material.documents
        if document.path in material.wanted
    }
    for system, name in material.lineage_pages.items():
        pages[name] = _render("lineage.html.jinja", view_lineage(material, system))
    pages[LINEAGE] = _render("lineages.html.jinja", view_lineage_index(material))
    pages[INDEX] = _render("documents.html.jinja", view_index(material))
    return pages


def _render(template: str, view: DocumentView | IndexView | LineageView | LineageIndexView) -> str:
    return render_page(template, names_of(view), styles=_STYLES)
