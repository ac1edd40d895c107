"""How Sphinx makes the site of these pages: `make docs` writes the reference first, then build/site."""

import json
from pathlib import Path

from docutils import nodes  # noqa: TID251  (Sphinx's: the site is no part of the package)
from sphinx.application import Sphinx

_HERE = Path(__file__).parent
_MADE = _HERE / "reference" / "made"

project = "specbridge"
author = "the specbridge maintainers"
project_copyright = author
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["example", "mine"]
nitpicky = True
# Options begin with two hyphens, which would become a dash.
smartquotes = False

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]
# What says no language is shown as it is, not as Python.
highlight_language = "text"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

html_theme = "furo"
html_title = "specbridge"
html_show_sphinx = False
html_copy_source = False
# Summaries are fetched from the pages, which a browser refuses to a page that was opened from a file.
html_show_search_summary = False

_BRIEFS = _MADE / "commands" / "briefs.json"
man_pages = [
    (f"reference/made/commands/{name}", name, brief.rstrip("."), author, 1)
    for name, brief in json.loads(_BRIEFS.read_text("utf-8")).items()
]

# Links that lead out of the site's pages when these are read in the repository, and what stands there on the site.
_ON_THE_SITE = {
    "](problems/)": "](/reference/made/codes.md)",
    "](../problems/)": "](/reference/made/codes.md)",
    "](../CONTRIBUTING.md#addresses)": "](path:../CONTRIBUTING.md)",
}


def _lead_to_the_site(app: object, docname: str, source: list[str]) -> None:
    for link, instead in _ON_THE_SITE.items():
        source[0] = source[0].replace(link, instead)


def _leave_links_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    # A page of the manual stands alone: nothing of it leads to another one.
    if app.builder.name == "man":
        for link in list(doctree.findall(nodes.reference)):
            link.replace_self(link.children)


# What the theme leaves out that people need who use no mouse or cannot see the page: axe-core names each.
_OPEN_TO_EVERYBODY = {
    'role="heading">': 'role="heading" aria-level="2">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<th class="head"><p></p></th>': '<td class="head"></td>',
    "<pre>": '<pre tabindex="0">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    '<div id="search-results"></div>': '<h1>Search</h1><div id="search-results"></div>',
}


def _open_to_everybody(app: Sphinx, error: Exception | None) -> None:
    for page in app.outdir.rglob("*.html") if error is None else ():
        text = before = page.read_text("utf-8")
        for theirs, ours in _OPEN_TO_EVERYBODY.items():
            # A page that an earlier build wrote has ours already.
            text = text.replace(ours, theirs).replace(theirs, ours)
        if text != before:
            page.write_text(text, "utf-8")


def setup(app: Sphinx) -> None:
    """Have Sphinx read each page with the links of the site, and print a manual without any."""
    app.connect("source-read", _lead_to_the_site)
    app.connect("doctree-resolved", _leave_links_out)
    app.connect("build-finished", _open_to_everybody)
