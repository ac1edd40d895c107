"""The page on which records of a running sandbox are edited: what it shows, and how it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from specbridge.pages.render import names_of, render_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something to go on with: a kind of records, or a record."""

    text: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A property that can be filled in: its name as it is written by hand, what it is, and what stands in it."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditingView:
    """The page: choices, or the inputs of a record, and the properties that nobody but the system writes.

    `told` is what the last deed did, `refused` why it did not. `way` leads back to what is above. `add` is the
    address of a new record's form, "" where there is none; `deletes` says whether the record can be deleted.
    """

    title: str
    heading: str
    way: Sequence[tuple[str, str]] = ()
    told: str = ""
    refused: str = ""
    choices: Sequence[Choice] = ()
    add: str = ""
    inputs: Sequence[Input] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    deletes: bool = False


def render_editing(view: EditingView) -> str:
    """Return the page; it works without a script."""
    return render_page("editing.html.jinja", names_of(view), styles=("editing.css",), sends="forms")


def address(*parts: str) -> str:
    """Return the path of a page from the names of a system, a kind of records and a record."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
