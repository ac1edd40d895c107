"""A page of the console: what it shows, decided beforehand, and how it is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from specbridge.pages.embedding import digest_of
from specbridge.pages.render import names_of, page_policy, render_page, script_bytes

_STYLE = "console.css"
SCRIPTS = ("htmx.min.js", "console.js")
"""Files beside the templates that pages load, in this order; without them all works as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a form; `of` says for who does not see the row what it is about."""

    text: str
    of: str = ""
    name: str = "choice"
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something to be filled in; with `choices` (value, text, whether it is chosen) one of them is chosen."""

    name: str
    label: str
    value: str = ""
    choices: Sequence[tuple[str, str, bool]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What can be done: an address, what is sent with it unseen, what is filled in, the buttons.

    `asks`: it changes nothing and is sent as a question. `stays`: after it the same page is shown, where a
    script need only take what it holds. `id` is what boxes elsewhere belong to it by.
    """

    action: str
    buttons: Sequence[Button]
    unseen: Sequence[tuple[str, str]] = ()
    inputs: Sequence[Input] = ()
    asks: bool = False
    stays: bool = False
    id: str = ""

    @property
    def name(self) -> str:
        """Return what its buttons are found by again: the same as long as it is about the same."""
        about = [self.action, *(pair for pair in self.unseen if pair[0] != "seen")]
        return f"b{sha256(repr(about).encode(errors='surrogatepass')).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a row, and a note under it; `of` is a record's id, in brackets behind the note.

    `state` is the class of a word that says how something stands.
    """

    text: str = ""
    href: str = ""
    note: str = ""
    of: str = ""
    state: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: its cells, what can be done with it, and the boxes by which it is chosen.

    A box is a form's id, a name, a value and what it is called.
    """

    cells: Sequence[Cell]
    forms: Sequence[Form] = ()
    boxes: Sequence[tuple[str, str, str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A record that stands beside another: what it is called, and its properties as texts."""

    title: str
    note: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: facts, records side by side, a table, forms; `more` leads on to later rows."""

    id: str
    heading: str
    note: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[Beside] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Row] = ()
    empty: str = ""
    forms: Sequence[Form] = ()
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """A page: who looks at it, whether they may act (`acts`), and its sections.

    `key` goes with every form. `told` is what was done, `refused` why it was not, and `back` leads to
    where it was asked for. `again` is the page's own address where it shows what goes on, and a browser is
    to look again by itself.
    """

    heading: str
    here: str = ""
    user: str = ""
    acts: bool = False
    key: str = ""
    told: str = ""
    refused: str = ""
    back: str = ""
    again: str = ""
    sections: Sequence[Section] = ()


PAGES = (
    ("Open work", "/"),
    ("Things", "/things"),
    ("Runs", "/runs"),
    ("Flows", "/flows"),
    ("Plan and run", "/plan"),
    ("By hand", "/deeds"),
)


def table(
    id: str, heading: str, columns: Sequence[str], rows: Sequence[Row], **more: object
) -> Section:
    """Return a section with a table; each cell is given the name of its column, for narrow screens."""
    labelled = [
        replace(
            row,
            cells=[
                replace(cell, label=name) for cell, name in zip(row.cells, columns, strict=True)
            ],
        )
        for row in rows
    ]
    # Other fields of a section, whose types are those of the fields.
    return Section(id=id, heading=heading, columns=columns, rows=labelled, **more)  # type: ignore[arg-type]


# No code from texts, no styles of its own, no records in the browser's storage; what is refused is told, and the
# list stays.
_HTMX = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyEnabled": False,
        "historyCacheSize": 0,
        "responseHandling": [
            {"code": "[23]..", "swap": True},
            {"code": "...", "swap": True, "swapOverride": "none", "ignoreTitle": True},
        ],
    }
)


def render_console(view: ConsoleView) -> str:
    """Return the page; it needs no script, and only who was let in is given any."""
    pages = [(text, href, href == view.here) for text, href in PAGES] if view.user else []
    title = f"{view.heading} - specbridge"
    loaded = [(f"/{x}", digest_of(script_bytes(x))) for x in SCRIPTS] if view.user else []
    values = {**names_of(view), "pages": pages, "title": title, "loaded": loaded, "htmx": _HTMX}
    return render_page("console.html.jinja", values, styles=(_STYLE,), sends="scripts")


def console_policy() -> str:
    """Return the Content-Security-Policy of the console's pages."""
    return page_policy(_STYLE)
