"""What a project says under `[tool.specbridge]` in its pyproject.toml (docs/settings.md).

Reading is strict: a key that there is not, or a value that cannot be meant, is a SettingsError that
names the key. Paths are relative to the folder of the pyproject.toml.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path as FilePath

from specbridge.errors import SettingsError
from specbridge.model.tables import build_value
from specbridge.model.values import Json, Path

_WARNING = re.compile(r"W\d{3}")

# What a company may be called: a part of a file's name, of an address and of an external reference.
_COMPANY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
# Seconds, thirty years: what no calendar has is no schedule, though TOML knows `inf`.
_LONGEST = 1_000_000_000
# What names of variables end in that hold what nobody else may know; a file of it may be named.
_SECRET = re.compile(r"(?i)(key|token|secret|password|passwd|passphrase|credentials?)(_old)?$")


# The runtime has a twin of its own: it knows no settings, and they do not import the runtime.
class ConflictPolicy(Enum):
    """Whose value stands where both sides changed a property differently."""

    LATEST = "latest"  # the record that was modified last; at the same instant, the source's
    SOURCE = "source"
    TARGET = "target"
    MANUAL = "manual"  # neither is written until someone decides


class Propagation(Enum):
    """Whether an emptied property, or a deleted record, is emptied or deleted on the other side."""

    KEEP = "keep"
    PROPAGATE = "propagate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """Records whose property at `path` equals `equals`; turned round by `negate`.

    Absent counts as not equal. An empty path, which stands alone, stands for every record.
    """

    path: Path = ()
    equals: Json = None
    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A run that would change or empty more than `share` of the linked records stops.

    `share` is from 0 to 1; up to `floor` records may always change, whatever their share.
    """

    share: float = 0.5
    floor: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankLabels:
    """The systems that a document's blank labels stand for, None where it leaves none blank."""

    source: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettings:
    """What is said of one flow; None leaves it to the package.

    `when` is the condition that the document's prose states, about the source's records;
    `when_target` that of the mirror document, about the target's. Keys of `properties` are dotted
    paths of either side, in the API's own names.
    """

    conflicts: ConflictPolicy | None = None
    empty: Propagation | None = None
    deletions: Propagation | None = None
    when: Predicate | None = None
    when_target: Predicate | None = None
    properties: Mapping[str, ConflictPolicy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSettings:
    """What is said of one package; None leaves it to the settings for all. `flows` is by name."""

    conflicts: ConflictPolicy | None = None
    empty: Propagation | None = None
    deletions: Propagation | None = None
    guard: Guard | None = None
    reconcile_hours: float | None = None
    flows: Mapping[str, FlowSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySettings:
    """What is said of one company; docs/companies.md.

    `packages` are names of those that it runs, none: all. `schedule` is the seconds from the beginning of one
    run to that of the next, or a time of the day, `"06:00"`, or an array of such; None: whenever somebody
    says. `env_file` holds its variables, None: `companies/NAME.env`; `environment` those that are no secret.
    """

    packages: tuple[str, ...] = ()
    schedule: Json = None
    env_file: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a project can set; docs/settings.md has an example of each.

    `root` is the folder that paths are relative to. `labels` maps documents' system labels to
    profile names; `source` and `target` are the labels that blank ones stand for in all documents,
    `blank_labels` in one (by its bare file name). `subsets` is by profile, resource and subset
    (`plain` for the datatype without one). `symbols` maps symbolic values of conditions to literals,
    or to a table of literals by profile; `conditions` says what conditions stand for that a document
    leaves blank in part, by what they say (`in type`). `store` is a URL, empty for the default. `reconcile_hours`
    is how often a run reads everything anew, `journal_days` how long the journal is kept. `share_limits`: other
    processes count against the systems' limits too; None: where the store is on PostgreSQL. `ignore` are
    codes of warnings that are not told, `per_document_ignores` those of one document (by its bare
    file name). `companies` are by name; or `company_folder` holds a file of variables for each.
    """

    root: FilePath = FilePath()
    documents: tuple[str, ...] = ("specs/*.rst",)
    output: str = "generated"
    profiles: tuple[str, ...] = ()
    templates: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    target: str | None = None
    blank_labels: Mapping[str, BlankLabels] = field(default_factory=dict)
    subsets: Mapping[str, Mapping[str, Mapping[str, Predicate]]] = field(default_factory=dict)
    symbols: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Predicate] = field(default_factory=dict)
    conflicts: ConflictPolicy = ConflictPolicy.LATEST
    empty: Propagation = Propagation.KEEP
    deletions: Propagation = Propagation.KEEP
    guard: Guard = Guard()
    store: str = ""
    reconcile_hours: float = 24.0
    journal_days: int = 90
    share_limits: bool | None = None
    packages: Mapping[str, PackageSettings] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    per_document_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    companies: Mapping[str, CompanySettings] = field(default_factory=dict)
    company_folder: str | None = None

    @property
    def profile_paths(self) -> tuple[FilePath, ...]:
        """Return the files of the project's own profiles."""
        return tuple(self.root / path for path in self.profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """What holds for one flow, with every default filled in; `properties` as in FlowSettings."""

    conflicts: ConflictPolicy
    empty: Propagation
    deletions: Propagation
    properties: Mapping[str, ConflictPolicy]


def load_settings(start: FilePath) -> Settings:
    """Return the settings of the nearest pyproject.toml from `start` upward, else the defaults.

    Raises SettingsError for a file that cannot be read, and for what parse_settings refuses.
    """
    folder = start.resolve()
    # The nearest one ends the search, with a table of ours or without: it is the project's root.
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if path.is_file():
            return parse_settings(_read_text(path), path)
    return Settings(root=folder)


def load_settings_for(place: str | None) -> Settings:
    """Return the settings of the current folder's project; where it is in none, of the package's.

    Whatever starts a run need not be in the project (cron starts at home). Raises as load_settings does.
    """
    here = FilePath.cwd()
    if place is not None and not _is_in_project(here):
        folder = FilePath(place).resolve()
        if folder.is_dir() and _is_in_project(folder):
            return load_settings(folder)
    return load_settings(here)


def _is_in_project(folder: FilePath) -> bool:
    return any((one / "pyproject.toml").is_file() for one in (folder, *folder.parents))


def parse_settings(text: str, path: FilePath) -> Settings:
    """Return the settings that the text of a pyproject.toml at `path` states.

    Raises SettingsError, naming the key, for unknown or mistyped keys and impossible values.
    """
    try:
        tool = tomllib.loads(text).get("tool", {})
        table = tool.get("specbridge", {}) if isinstance(tool, dict) else tool
        settings: Settings = build_value(Settings, _keys_of(table), "tool.specbridge.")
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    for fault in _faults(settings):
        raise SettingsError(f"{path}: tool.specbridge.{fault}")
    return replace(settings, root=path.parent)


def flow_policies(settings: Settings, package: str, flow: str) -> Policies:
    """Return what holds for a flow: its own settings, else its package's, else those for all."""
    own = settings.packages.get(package, PackageSettings())
    nearest = own.flows.get(flow, FlowSettings())
    return Policies(
        conflicts=nearest.conflicts or own.conflicts or settings.conflicts,
        empty=nearest.empty or own.empty or settings.empty,
        deletions=nearest.deletions or own.deletions or settings.deletions,
        properties=nearest.properties,
    )


def flow_settings(settings: Settings, package: str, flow: str) -> FlowSettings:
    """Return what is said of one flow alone, nothing where it is not named."""
    return settings.packages.get(package, PackageSettings()).flows.get(flow, FlowSettings())


def _keys_of(table: Json) -> Json:
    """Return the table with its own keys as fields are called: `per-document-ignores` is a key, too."""
    if not isinstance(table, dict):
        return table
    keys = {key.replace("-", "_"): value for key, value in table.items()}
    # Where the file lies nobody can set, and the folder of companies is what their key says.
    for name in ("root", "company_folder"):
        if name in keys:
            raise ValueError(f"tool.specbridge.{name}: there is no such key")
    if len(keys) < len(table):
        raise ValueError("tool.specbridge: a key is there twice, with `-` and with `_`")
    if isinstance(keys.get("companies"), str):
        keys["company_folder"] = keys.pop("companies")
    return keys


def _faults(settings: Settings) -> Iterator[str]:
    guards = [("guard", settings.guard)]
    for name, package in settings.packages.items():
        guards += [(f"packages.{name}.guard", package.guard)] if package.guard else []
        if package.reconcile_hours is not None and package.reconcile_hours <= 0:
            yield f"packages.{name}.reconcile_hours: must be more than 0"
    for key, guard in guards:
        yield from (f"{key}.{fault}" for fault in _guard_faults(guard))
    if settings.reconcile_hours <= 0:
        yield "reconcile_hours: must be more than 0"
    if settings.journal_days < 1:
        yield "journal_days: must be 1 at least"
    for key, predicate in _predicates(settings):
        # A path that was forgotten must not become every record.
        if not predicate.path and predicate != Predicate():
            yield f"{key}.path: is missing"
    for condition, predicate in settings.conditions.items():
        # Mappers write what a condition wants into new elements of lists; what it does not, they cannot.
        if predicate.negate:
            yield f"conditions.{condition!r}.negate: a row's condition cannot be turned round"
    yield from _label_faults(settings)
    yield from _ignore_faults(settings)
    yield from _company_faults(settings)


def _predicates(settings: Settings) -> Iterator[tuple[str, Predicate]]:
    for condition, predicate in settings.conditions.items():
        yield f"conditions.{condition!r}", predicate
    for system, resources in settings.subsets.items():
        for resource, subsets in resources.items():
            for name, predicate in subsets.items():
                yield f"subsets.{system}.{resource}.{name!r}", predicate
    for package, own in settings.packages.items():
        for flow, said in own.flows.items():
            for key, when in (("when", said.when), ("when_target", said.when_target)):
                if when is not None:
                    yield f"packages.{package}.flows.{flow}.{key}", when


def _guard_faults(guard: Guard) -> Iterator[str]:
    if not 0 <= guard.share <= 1:
        yield "share: must be from 0 to 1"
    if guard.floor < 0:
        yield "floor: must not be negative"


def _label_faults(settings: Settings) -> Iterator[str]:
    for key in settings.blank_labels:
        if FilePath(key).name != key:
            yield f"blank_labels.{key!r}: must be a document's bare file name"
    seen: dict[str, str] = {}
    for label, profile in settings.labels.items():
        # As documents' labels are compared: two that are one there must not name two profiles.
        slug = "".join(filter(str.isalnum, label)).casefold()
        if not slug:
            yield f"labels.{label!r}: must have a letter or digit"
        if seen.setdefault(slug, profile) != profile:
            yield f"labels.{label!r}: names both {seen[slug]} and {profile}"


def _ignore_faults(settings: Settings) -> Iterator[str]:
    lists = [("ignore", settings.ignore)]
    for name, codes in settings.per_document_ignores.items():
        key = f"per-document-ignores.{name!r}"
        if FilePath(name).name != name:
            yield f"{key}: must be a document's bare file name"
        lists.append((key, codes))
    for key, codes in lists:
        for code in codes:
            if not _WARNING.fullmatch(code):
                yield f"{key}: `{code}` is no code of a warning, and nothing else can be ignored"


def _company_faults(settings: Settings) -> Iterator[str]:
    for name, fault in name_faults(settings.companies):
        yield f"companies.{name!r}: {fault}"
    for name, company in settings.companies.items():
        if not is_schedule(company.schedule):
            yield f'companies.{name}.schedule: must be seconds (1 at least), "HH:MM", or an array of such times'
        for variable in company.environment:
            if _SECRET.search(variable):
                # The value stays unsaid: it may well be the secret.
                yield (
                    f"companies.{name}.environment.{variable}: a secret must not stand here: put it into the "
                    f"company's env_file, or name its file by {variable}_FILE"
                )


def name_faults(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that companies cannot have, each with the reason."""
    seen: dict[str, str] = {}
    for name in names:
        if not _COMPANY_NAME.fullmatch(name):
            yield name, (
                "a company's name has letters a to z, digits, `-`, `_` and `.`, 64 at most, and begins with a "
                "letter or digit"
            )
        # Some file systems tell no capitals apart.
        elif (other := seen.setdefault(name.casefold(), name)) != name:
            yield name, f"differs from {other} in capitals alone"


def is_schedule(said: Json) -> bool:
    """Return whether a value can be a schedule: seconds, a time of the day, several, or None for none."""
    match said:
        case None:
            return True
        case str():
            return _TIME.fullmatch(said) is not None
        case bool():
            return False
        case int() | float():
            return 1 <= said <= _LONGEST
        case list():
            return bool(said) and all(isinstance(one, str) and is_schedule(one) for one in said)
        case _:
            return False


def _read_text(path: FilePath) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
