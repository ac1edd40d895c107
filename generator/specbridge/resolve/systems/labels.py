"""Which system each side of a document is: labels, their variants, and blank ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from specbridge.errors import Location, Problem
from specbridge.model.document import Document, Flow, Side
from specbridge.model.profile import Profile
from specbridge.resolve.problems import file_name, problem
from specbridge.resolve.systems.names import slug
from specbridge.settings import BlankLabels, Settings

SideName = Literal["source", "target"]
SIDES: tuple[SideName, SideName] = ("source", "target")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A side's system: its label as documents write it, and its profile, None where unknown.

    `name` is the profile's name, else the label's letters and digits. `because` says how a label
    that the title leaves blank was found, empty where the title has one.
    """

    name: str
    label: str
    profile: Profile | None
    because: str = ""


def resolve_label(
    label: str, profiles: Mapping[str, Profile], settings: Settings | None = None
) -> str | None:
    """Return the name of the profile that a label means, None for a blank or unknown one.

    Labels are compared by their letters and digits, case aside. The settings come first.
    """
    wanted = slug(label)
    if not wanted:
        return None
    for own, name in (settings or Settings()).labels.items():
        if slug(own) == wanted and name in profiles:
            return name
    for profile in profiles.values():
        if wanted in {slug(profile.name), *map(slug, profile.labels)}:
            return profile.name
    return None


def document_systems(
    document: Document, settings: Settings, profiles: Mapping[str, Profile]
) -> tuple[System | None, System | None]:
    """Return the systems of the document's source and target, None for one that has no name."""
    found = [_label_of(document, side, settings, profiles) for side in SIDES]
    source, target = (
        system_of(label, because, settings, profiles) if label else None for label, because in found
    )
    return source, target


def system_of(
    label: str, because: str, settings: Settings, profiles: Mapping[str, Profile]
) -> System:
    """Return the system that a label that is not blank means."""
    name = resolve_label(label, profiles, settings)
    profile = profiles[name] if name else None
    return System(name=name or slug(label), label=label, profile=profile, because=because)


def flow_system(
    side: Side, title: System, settings: Settings, profiles: Mapping[str, Profile]
) -> System:
    """Return the system of a flow's side: that of its own label if known, else the title's."""
    name = resolve_label(side.label, profiles, settings)
    if name is None:
        return title
    return System(name=name, label=side.label, profile=profiles[name])


def label_problems(
    document: Document,
    systems: tuple[System, System],
    settings: Settings,
    profiles: Mapping[str, Profile],
) -> Iterator[Problem]:
    """Yield a warning for each blank label, each unlike label, and each system without profile.

    A blank label that the settings state is none: they are where the warning asks to state it.
    """
    for side, system in zip(SIDES, systems, strict=True):
        where = _title_location(document)
        settled = slug(_stated(document, side, settings)) == slug(system.label)
        if system.because and not settled:
            yield _blank(where, None, side, (system, "the title", system.because))
        if system.profile is None:
            yield problem("W303", where, label=system.label)
        for flow in document.flows:
            for found in _flow_label_problems(flow, side, system, (settings, profiles)):
                if found.code != "W301" or not settled:
                    yield found


def _flow_label_problems(
    flow: Flow,
    side: SideName,
    title: System,
    context: tuple[Settings, Mapping[str, Profile]],
) -> Iterator[Problem]:
    own = flow.source if side == "source" else flow.target
    settings, profiles = context
    if not slug(own.label):
        reason = title.because or "the title names it"
        yield _blank(flow.where, flow.name, side, (title, f"section `{flow.name}`", reason))
    elif not _alike(own.label, title, resolve_label(own.label, profiles, settings)):
        system = flow_system(own, title, settings, profiles)
        yield problem(
            "W302",
            flow.where,
            flow.name,
            side=side,
            label=own.label,
            title=title.label,
            system=system.label if system is title else system.name,
        )


def _blank(
    where: Location, flow: str | None, side: SideName, read: tuple[System, str, str]
) -> Problem:
    """Return that a label is blank; `read` is the system that it means, where it is blank, and why."""
    system, place, reason = read
    values = {"place": place, "label": system.label, "reason": reason}
    return problem("W301", where, flow, side=side, document=file_name(where.path), **values)


def _alike(label: str, title: System, profile: str | None) -> bool:
    own, other = slug(label), slug(title.label)
    if profile is not None:
        return profile == title.name
    # Without a profile a shorter form of the label (`Exact`) is taken for the same system.
    return own.startswith(other) or other.startswith(own)


def _label_of(
    document: Document, side: SideName, settings: Settings, profiles: Mapping[str, Profile]
) -> tuple[str, str]:
    title = document.source if side == "source" else document.target
    if slug(title):
        return title, ""
    stated = _stated(document, side, settings)
    if stated:
        return stated, "the settings say so"
    for flow in document.flows:
        label = _named_in(flow, side)
        if slug(label):
            return label, f"section `{flow.name}` names it"
    label = _from_stem(document, side, profiles)
    return (label, "the file's name says so") if label else ("", "")


def _stated(document: Document, side: SideName, settings: Settings) -> str:
    own = settings.blank_labels.get(file_name(document.path), BlankLabels())
    if side == "source":
        return settings.source or own.source or ""
    return settings.target or own.target or ""


def _named_in(flow: Flow, side: SideName) -> str:
    connected = flow.creation.connected
    if side == "source":
        return flow.source.label or (connected.label if connected else "")
    return flow.target.label or (connected.into if connected else "")


def _from_stem(document: Document, side: SideName, profiles: Mapping[str, Profile]) -> str:
    stem = file_name(document.path).rpartition(".")[0] or file_name(document.path)
    words = stem.split("-")
    splits = [("-".join(words[:cut]), "-".join(words[cut:])) for cut in range(1, len(words))]
    splits = [split for split in splits if _fits(split, document)]
    # A name with dashes of its own can be cut in several places: profiles tell which is meant.
    if len(splits) > 1:
        known = [s for s in splits if all(resolve_label(part, profiles) for part in s)]
        splits = known or [split for split in splits if _equals(split, document)]
    if len(splits) != 1:
        return ""
    part = splits[0][SIDES.index(side)]
    name = resolve_label(part, profiles)
    # The label as documents write it, not as the file does: it is shown, and names the package.
    return profiles[name].labels[0] if name else part if slug(part) else ""


def _fits(split: tuple[str, str], document: Document) -> bool:
    titles = (document.source, document.target)
    return all(
        slug(part).startswith(slug(title)) or slug(title).startswith(slug(part))
        for title, part in zip(titles, split, strict=True)
    )


def _equals(split: tuple[str, str], document: Document) -> bool:
    titles = (document.source, document.target)
    return all(slug(title) in ("", slug(part)) for title, part in zip(titles, split, strict=True))


def _title_location(document: Document) -> Location:
    for found in document.problems:
        if found.code == "W101" and found.flow is None:
            return found.where
    return Location(document.path, 1)
