"""What a project begins with that adds a system: a profile of a common shape, a document, settings; pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from specbridge.errors import ProfileError, SettingsError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource

SHAPES = ("link", "cursor", "session")
"""An API key and a Link header; OAuth 2 and a cursor; a session, totals and a PUT with a version."""

_WORD = re.compile(r"[a-z][a-z0-9]*")
_PROFILES = re.compile(r"^profiles = \[", re.MULTILINE)
_SAMPLE = "acme"
_HEAD = "[tool.specbridge]"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One side of a new document: the system's label, a datatype, and its properties to begin with.

    `can_be_made`: a new record needs no more than a name.
    """

    label: str
    datatype: str
    can_be_made: bool
    mail: str = ""
    name: str = ""
    phone: str = ""

    @property
    def full(self) -> str:
        """Return the side's full name, as documents have it."""
        return f"{self.label} {self.datatype}"


def profile_name(label: str) -> str:
    """Return the name of a new system's profile: `Exact Online` -> `exact-online`; raises SettingsError."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not _WORD.match(name):
        raise SettingsError(f"{label!r} is no name of a system: it should be like Ledgerly")
    return name


def starter_profile(shape: str, label: str) -> str:
    """Return the profile of a new system, in one of the SHAPES."""
    text = (files("specbridge.profiles") / "starters" / f"{shape}.toml").read_text(encoding="utf-8")
    name = profile_name(label)
    variable = name.upper().replace("-", "_")
    quoted = label.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace('labels = ["Acme"]', f'labels = ["{quoted}"]')
    text = text.replace("ACME_", f"{variable}_").replace("Acme's", f"{label}'s")
    return text.replace(_SAMPLE, name)


def end_of(profile: Profile, wanted: str | None = None) -> End:
    """Return the side of a known system: the resource that is `wanted`, or else the first one that fits.

    Raises ProfileError where there is none, naming those that there are.
    """
    ends = [_end(profile, one) for one in profile.resources if wanted is None or _is(one, wanted)]
    usable = [one for one in ends if (one.mail or one.name) and (wanted or one.can_be_made)]
    if not usable:
        names = ", ".join(one.name for one in profile.resources)
        said = f"{wanted} is no resource with a name or a mail address" if wanted else "none fits"
        raise ProfileError(f"{profile.path}: {said}: name one with --to: {names}")
    return max(usable, key=lambda one: bool(one.mail))


def document_text(source: End, target: End) -> str:
    """Return a document that links by mail address or name, and creates what has no match, where that is enough."""
    rows = [
        (getattr(source, name), getattr(target, name))
        for name in ("mail", "name", "phone")
        if getattr(source, name) and getattr(target, name)
    ]
    title = f"{source.label} to {target.label} Dataflow"
    heading = f"{source.full} to {target.full}"
    return "\n".join(
        [
            *("=" * len(title), title, "=" * len(title), ""),
            *("Introduction", "------------", ""),
            *(f"What is kept equal between {source.label} and {target.label}.", ""),
            *(heading, "-" * len(heading)),
            *_creation(source.full, target.full, made=target.can_be_made),
            *_linking(source.full, target.full, rows[0]),
            *_synchronization(source.full, target.full, target.label, rows),
        ]
    )


def settings_text(profiles: list[str]) -> str:
    """Return the settings of a new project."""
    listed = ", ".join(f'"{path}"' for path in profiles)
    return f'[tool.specbridge]\ndocuments = ["specs/*.rst"]\nprofiles = [{listed}]\noutput = "generated"\n'


def with_profile(text: str, path: str) -> str | None:
    """Return a pyproject.toml with one more profile, None where only a person can tell where it goes."""
    if _HEAD not in text:
        return (
            f"{text.rstrip()}\n\n{settings_text([path])}" if text.strip() else settings_text([path])
        )
    stated = len(_PROFILES.findall(text))
    if stated == 0:
        return text.replace(_HEAD, f'{_HEAD}\nprofiles = ["{path}"]', 1)
    if stated > 1:
        return None
    return _PROFILES.sub(f'profiles = ["{path}", ', text).replace(", ]", "]")


def _creation(a: str, b: str, *, made: bool) -> Iterator[str]:
    if not made:
        yield (
            "Before any synchronization can take place, a link between"
            f" a {a} and a {b} must be established."
        )
        yield ""
        return
    yield from (
        f"If a matching {b} already exists, the {a} will be merged with the existing one.",
        "",
    )
    yield from (f"If no matching {b} is found, a new {b} will be created.", "")


def _linking(a: str, b: str, row: tuple[str, str]) -> Iterator[str]:
    yield f"A {a} will merge with a {b} if one of the following property combinations match:"
    yield from _table([(f"{a} Property", f"{b} Property"), row])
    yield (
        f"Once a link between a {a} and a {b} is established, it will keep in sync between the two"
        " systems, regardless of where it is edited."
    )
    yield ""


def _synchronization(a: str, b: str, label: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield f"The following properties are synchronized between a {a} and a {b}:"
    head = (f"{a} Property", f"{b} Property", f"{label} Data Type")
    yield from _table([head, *((*row, '"string"') for row in rows)])


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield from ("", ".. list-table::", "   :header-rows: 1", "")
    for row in rows:
        yield from (f"   {'*' if place == 0 else ' '} - {cell}" for place, cell in enumerate(row))
    yield ""


def _end(profile: Profile, resource: Resource) -> End:
    texts = [one for one in resource.properties if _is_plain_text(one)]
    return End(
        label=profile.labels[0],
        datatype=next(iter(resource.datatypes), resource.name),
        can_be_made=_can_be_made(resource),
        mail=_shortest(texts, "mail"),
        name=_shortest(texts, "name"),
        phone=_shortest(texts, "phone"),
    )


def _shortest(texts: list[Property], word: str) -> str:
    """Return the property whose name is little more than a word: `email` before `billing_email`."""
    found = [".".join(one.path) for one in texts if word in one.path[-1].casefold()]
    return min(found, key=len, default="")


def _is(resource: Resource, wanted: str) -> bool:
    return wanted.casefold() in {one.casefold() for one in (resource.name, *resource.datatypes)}


def _can_be_made(resource: Resource) -> bool:
    """Return whether a name is all that a new record needs."""
    needed = [one for one in resource.properties if one.required and len(one.path) == 1]
    named = all("name" in one.path[0].casefold() for one in needed) and len(needed) <= 1
    return resource.create is not None and resource.update is not None and named


def _is_plain_text(prop: Property) -> bool:
    lists = any(step.endswith("[]") for step in prop.path)
    barred = prop.read_only or prop.create_only or prop.hidden or prop.local or bool(prop.codes)
    return prop.type is ValueType.STRING and len(prop.path) == 1 and not lists and not barred
