"""How Sphinx makes the site of these pages: `make docs` writes the reference first, then build/site."""

from pathlib import Path

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

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]
# Pages are read on the web and in an editor too: a file that is no page of the site is a file to download.
suppress_warnings = ["myst.header"]
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

html_theme = "furo"
html_title = "specbridge"
html_show_sphinx = False
html_copy_source = False

man_pages = [
    (f"reference/made/commands/{page.stem}", page.stem, "", author, 1)
    for page in sorted((_MADE / "commands").glob("specbridge*.md"))
]

# Links that lead out of the site's pages when these are read in the repository, and what stands there on the site.
_ON_THE_SITE = {
    "](problems/)": "](/reference/made/codes.md)",
    "](../CONTRIBUTING.md#addresses)": "](path:../CONTRIBUTING.md)",
}


def _lead_to_the_site(app: object, docname: str, source: list[str]) -> None:
    for link, instead in _ON_THE_SITE.items():
        source[0] = source[0].replace(link, instead)


def setup(app: Sphinx) -> None:
    """Have Sphinx read each page with the links of the site."""
    app.connect("source-read", _lead_to_the_site)
