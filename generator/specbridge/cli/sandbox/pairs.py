"""The story of another pair of systems, or of all four in one store, for `specbridge demo --pair`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specbridge.runtime.decide.paths import read_path
from specbridge.shipped import shipped_folder

if TYPE_CHECKING:
    from pathlib import Path

    from specbridge.sandbox.messages import Row
    from specbridge.sandbox.running import Running, Sandbox

ALL = "all"
"""What stands for all pairs at once."""

_FURTHER = ("hubspot", "tripletex")
_SETTINGS = """\
[tool.specbridge]
documents = ["specs/*.rst"]
output = "generated"

[tool.specbridge.blank_labels."powerofficego-zendesk.rst"]
target = "Zendesk"
"""
_NEW_FIRM = "Fjordglimt AS"
# Each system's word in the names of documents, and where its firms are: kind of records, property.
_FIRMS: Mapping[str, tuple[str, str, str]] = {
    "hubspot": ("hubspot", "Companies", "properties.name"),
    "powerofficego": ("poweroffice", "Customers", "Name"),
    "tripletex": ("tripletex", "Customer", "name"),
    "zendesk": ("zendesk", "Organizations", "name"),
}
_KINDS = {"hubspot": "companies", "tripletex": "customer", "zendesk": "organizations"}
_NAMESAKE, _PARTED = "Havblikk Regnskap AS", "Havblikk Larvik AS"
_RENAMED = (
    ("Nordlys Elektro AS", "Nordlys Energi AS"),
    ("Kystfisk AS", "Kystfisk og Sønner AS"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Which documents a story is about, and the systems that they name, in the order of their edits."""

    documents: tuple[str, ...]
    systems: tuple[str, ...]

    @property
    def further(self) -> tuple[str, ...]:
        """Return the systems that a sandbox serves only where they are asked for."""
        return tuple(name for name in self.systems if name in _FURTHER)


def pair_names() -> tuple[str, ...]:
    """Return the names of the pairs that there are documents of, and that of all."""
    return (*sorted(_documents()), ALL)


def find_pair(name: str) -> Pair:
    """Return a pair by its name; raises KeyError for one that there is not."""
    documents = _documents()
    if name == ALL:
        listed = tuple(one for group in documents.values() for one in group)
        return Pair(documents=listed, systems=("powerofficego", "tripletex", "hubspot", "zendesk"))
    first, _, second = name.partition("-")
    return Pair(documents=tuple(documents[name]), systems=(first, second))


def write_project(pair: Pair, folder: "Path") -> None:
    """Write a project with the pair's documents into a folder."""
    (folder / "specs").mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(_SETTINGS, encoding="utf-8")
    for name in pair.documents:
        text = (shipped_folder("documents") / name).read_bytes()
        (folder / "specs" / name).write_bytes(text)


def entering(pair: Pair) -> Sequence[str]:
    """Return the command by which a person enters a firm into the pair's first system."""
    system, kind, name = _FIRMS[pair.systems[0]]
    return ("sandbox", "add", system, kind, f"{name}={_NEW_FIRM}")


def edits(pair: Pair, sandbox: "Sandbox") -> Sequence[Sequence[str]]:
    """Return the commands by which people rename a firm in each of the pair's first two systems."""
    found: list[Sequence[str]] = []
    for word, (old, new) in zip(pair.systems, _RENAMED, strict=False):
        system, kind, name = _FIRMS[word]
        identifier = _id_of(_rows(sandbox, word), name, old)
        found.append(("sandbox", "edit", system, kind, identifier, f"{name}={new}"))
    return [*found, *_parting(pair, sandbox)]


def _parting(pair: Pair, sandbox: "Sandbox") -> Iterator[Sequence[str]]:
    """Yield the command that tells two firms of one name apart: Zendesk takes one organization of a name."""
    if {"powerofficego", "zendesk"} <= set(pair.systems):
        rows = _rows(sandbox, "powerofficego")
        *_, second = (row for row in rows if row["Name"] == _NAMESAKE)
        edit = ("sandbox", "edit", "poweroffice", "Customers", str(second["Id"]))
        yield (*edit, f"Name={_PARTED}")


def running(pair: Pair, sandbox: "Sandbox") -> "Sequence[Running]":
    """Return the systems of the pair as they are served."""
    return [_served(sandbox, word) for word in pair.systems]


def held(pair: Pair, sandbox: "Sandbox") -> Mapping[str, int]:
    """Return how many firms of the name that was entered each system of the pair has."""
    return {
        _FIRMS[word][0]: sum(
            _value(row, _FIRMS[word][2]) == _NEW_FIRM for row in _rows(sandbox, word)
        )
        for word in pair.systems
    }


def _documents() -> dict[str, list[str]]:
    """Return the documents that ship by the names of their pairs: the first word comes first in the alphabet."""
    found: dict[str, list[str]] = {}
    for path in sorted(shipped_folder("documents").glob("*-*.rst")):
        first, _, second = path.stem.partition("-")
        if {first, second} <= _FIRMS.keys():
            found.setdefault("-".join(sorted((first, second))), []).append(path.name)
    return found


def _served(sandbox: "Sandbox", word: str) -> "Running":
    if word in _FURTHER:
        return sandbox.further[word]
    return sandbox.zendesk if word == "zendesk" else sandbox.poweroffice


def _rows(sandbox: "Sandbox", word: str) -> "Sequence[Row]":
    return _served(sandbox, word).records(_KINDS.get(word, "Customers"))


def _id_of(rows: "Sequence[Row]", name: str, firm: str) -> str:
    """Return the id of the firm of a name, capitals aside: some systems have it in others."""
    wanted = firm.casefold()
    found = next(row for row in rows if str(_value(row, name)).casefold() == wanted)
    return str(found.get("id", found.get("Id")))


def _value(row: "Row", name: str) -> object:
    return read_path(row, tuple(name.split(".")))
