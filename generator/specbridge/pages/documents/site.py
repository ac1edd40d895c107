"""All pages of a project's documents as texts by file name."""

from collections.abc import Mapping
from dataclasses import fields

from specbridge.pages.documents.material import Material
from specbridge.pages.documents.names import INDEX, LINEAGE
from specbridge.pages.documents.pages import view_document, view_index, view_lineage
from specbridge.pages.documents.view import DocumentView, IndexView, LineageView
from specbridge.pages.render import render_page

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
    pages[LINEAGE] = _render("lineage.html.jinja", view_lineage(material))
    pages[INDEX] = _render("documents.html.jinja", view_index(material))
    return pages


def _render(template: str, view: DocumentView | IndexView | LineageView) -> str:
    values = {each.name: getattr(view, each.name) for each in fields(view)}
    return render_page(template, values, styles=_STYLES)
