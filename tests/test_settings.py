"""Settings: every key of the documentation, and the faults that name theirs."""

import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from specbridge.errors import SettingsError
from specbridge.settings import (
    BlankLabels,
    CompanySettings,
    ConflictPolicy,
    FlowSettings,
    Guard,
    PackageSettings,
    Policies,
    Predicate,
    Propagation,
    Settings,
    flow_policies,
    flow_settings,
    load_settings,
    parse_settings,
)

ROOT = Path(__file__).parent.parent
HERE = Path("/project/pyproject.toml")
HEAD = "[tool.specbridge]\n"


def example() -> str:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    return str(text)


def test_the_documentation_s_example_says_what_it_shows() -> None:
    found = parse_settings(example(), HERE)
    assert found == Settings(
        root=Path("/project"),
        profiles=("profiles/ledgerly.toml",),
        templates="templates",
        store="sqlite:///specbridge.db",
        share_limits=True,
        source="PowerOffice GO",
        target="Zendesk",
        labels={"Bookworm": "ledgerly"},
        blank_labels={"ledgerly-zendesk.rst": BlankLabels(target="Zendesk")},
        ignore=("W423",),
        per_document_ignores={"ledgerly-zendesk.rst": ("W303", "W429")},
        subsets={
            "poweroffice-go": {
                "Customers": {
                    "giant": Predicate(path=("InvoiceDeliveryType",), equals="EHF"),
                    "plain": Predicate(path=("IsPerson",), equals=True, negate=True),
                }
            }
        },
        symbols={
            "wd:Q17517": "mobile",
            "ledgerly-contact-kind": {"ledgerly": "C", "zendesk": "contact"},
        },
        conditions={
            "wd:Q2366457 in": Predicate(path=("department", "kind"), equals="sales"),
            "in type": Predicate(),
        },
        packages=found.packages,
        companies={
            "acme": CompanySettings(
                env_file="companies/acme.env",
                packages=("powerofficego_zendesk",),
                schedule="06:00",
                environment={"ZENDESK_SUBDOMAIN": "acme"},
            )
        },
    )
    assert found.packages["powerofficego_zendesk"] == PackageSettings(
        conflicts=ConflictPolicy.SOURCE,
        empty=Propagation.KEEP,
        deletions=Propagation.KEEP,
        guard=Guard(share=0.2, floor=25),
        reconcile_hours=6.0,
        flows={
            "contactperson_to_users": FlowSettings(
                conflicts=ConflictPolicy.LATEST,
                when=Predicate(path=("IsActive",), equals=True),
                when_target=Predicate(path=("role",), equals="end-user"),
                properties={"EmailAddress": ConflictPolicy.TARGET},
            )
        },
    )


UNSAID = ("root", "company_folder")
"""Where the file lies, and what `companies` is where it names a folder."""


def test_the_documentation_sets_every_key() -> None:
    text = example()
    for kind in (Settings, CompanySettings, PackageSettings, FlowSettings, Guard, Predicate):
        for one in fields(kind):
            name = one.name.replace("_", "[-_]")
            assert one.name in UNSAID or re.search(rf"\b{name}\b", text), one.name


def test_keys_are_written_with_either_sign() -> None:
    for key in ("per-document-ignores", "per_document_ignores"):
        found = parse_settings(f'{HEAD}{key} = {{ "a.rst" = ["W303"] }}\n', HERE)
        assert found.per_document_ignores == {"a.rst": ("W303",)}
    with pytest.raises(SettingsError, match="there twice"):
        parse_settings(f"{HEAD}journal-days = 1\njournal_days = 2\n", HERE)


def test_nothing_said_is_the_defaults() -> None:
    assert parse_settings("", HERE) == Settings(root=Path("/project"))
    assert parse_settings("[tool.other]\nx = 1", HERE) == Settings(root=Path("/project"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", r"colour: there is no such key"),
        ('root = "/"', r"root: there is no such key"),
        ('documents = "specs"', r"documents: must be an array of texts"),
        ('conflicts = "loudest"', r"conflicts: 'loudest' is none of latest, source"),
        ("journal_days = 1.5", r"journal_days: must be of type int"),
        ("journal_days = 0", r"journal_days: must be 1 at least"),
        ("reconcile_hours = 0", r"reconcile_hours: must be more than 0"),
        ("guard = { share = 1.5 }", r"guard\.share: must be from 0 to 1"),
        ("guard = { floor = -1 }", r"guard\.floor: must not be negative"),
        ("packages = { a = { guard = { share = 2 } } }", r"packages\.a\.guard\.share"),
        ("packages = { a = { reconcile_hours = -1 } }", r"packages\.a\.reconcile_hours"),
        ("packages = { a = { flows = { f = { wen = 1 } } } }", r"packages\.a\.flows\.f\.wen"),
        ('blank_labels = { "specs/a.rst" = {} }', r"blank_labels\.'specs/a\.rst': must be"),
        ('ignore = "W303"', r"ignore: must be an array of texts"),
        ('ignore = ["E203"]', r"ignore: `E203` is no code of a warning"),
        (
            'per-document-ignores = { "a.rst" = ["x"] }',
            r"per-document-ignores\.'a\.rst': `x` is no code of a warning",
        ),
        ('per-document-ignores = { "x/a.rst" = [] }', r"per-document-ignores\.'x/a\.rst': must be"),
        ('labels = { "-" = "acme" }', r"labels\.'-': must have a letter"),
        ('labels = { "A b" = "x", "AB" = "y" }', r"labels\.'AB': names both x and y"),
        ('conditions = { "in type" = { equals = 1 } }', r"conditions\.'in type'\.path: is missing"),
        (
            'conditions = { "in type" = { path = "type", equals = 1, negate = true } }',
            r"conditions\.'in type'\.negate: a row's condition cannot be turned round",
        ),
        ("symbols = { a = 2020-01-01 }", r"symbols\.a: must be a value that JSON has"),
        ("symbols = { a = nan }", r"symbols\.a: must be a value that JSON has, not nan"),
        ("symbols = { a = { acme = -inf } }", r"symbols\.a: must be a value that JSON has"),
        ("symbols = { a = [1.5, 1e999] }", r"symbols\.a: must be a value that JSON has"),
        ("symbols = { a = [{ b = 12:00:00 }] }", r"symbols\.a: must be a value that JSON has"),
        (
            'subsets = { a = { b = { c = { path = "d", equals = inf } } } }',
            r"subsets\.a\.b\.c\.equals: must be a value that JSON has",
        ),
        ("reconcile_hours = nan", r"reconcile_hours: must be a finite number, not nan"),
        ("reconcile_hours = inf", r"reconcile_hours: must be a finite number, not inf"),
        ("guard = { share = nan }", r"guard\.share: must be a finite number"),
        (
            "subsets = { a = { b = { c = { equals = 1 } } } }",
            r"subsets\.a\.b\.'c'\.path: is missing",
        ),
        (
            "packages = { a = { flows = { f = { when = { negate = true } } } } }",
            r"packages\.a\.flows\.f\.when\.path: is missing",
        ),
        (
            "packages = { a = { flows = { f = { when_target = { equals = 1, path = [] } } } } }",
            r"packages\.a\.flows\.f\.when_target\.path: is missing",
        ),
        ("subsets = { a = { b = { c = { path = 1 } } } }", r"subsets\.a\.b\.c\.path: must be"),
    ],
)
def test_a_fault_names_its_key(text: str, key: str) -> None:
    with pytest.raises(SettingsError, match=rf"tool\.specbridge\.{key}") as caught:
        parse_settings(HEAD + text, HERE)
    assert str(caught.value).startswith(f"{HERE}: ")


@pytest.mark.parametrize("text", ["= 1", "[tool]\nspecbridge = 1", "tool = 1"])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"pyproject\.toml: "):
        parse_settings(text, HERE)


def test_zero_has_no_sign() -> None:
    text = """
        symbols = { a = -0.0, b = { acme = -0.0 }, c = [1, -0.0, { d = -0.0 }] }
        conditions = { "in type" = { path = "type", equals = -0.0 } }
        """
    settings = parse_settings(f"[tool.specbridge]{text}", HERE)
    # As texts: to Python the two zeros are equal.
    assert str(settings.symbols) == "{'a': 0.0, 'b': {'acme': 0.0}, 'c': [1, 0.0, {'d': 0.0}]}"
    assert str(settings.conditions["in type"].equals) == "0.0"


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(HEAD + 'output = "out"', encoding="utf-8")
    found = load_settings(deep)
    assert (found.output, found.root) == ("out", tmp_path.resolve())
    (tmp_path / "a" / "pyproject.toml").write_text("", encoding="utf-8")
    assert load_settings(deep) == Settings(root=(tmp_path / "a").resolve())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: cannot be read"):
        load_settings(tmp_path)


def test_the_nearest_policy_holds() -> None:
    flow = FlowSettings(empty=Propagation.PROPAGATE)
    package = PackageSettings(conflicts=ConflictPolicy.MANUAL, flows={"f": flow})
    settings = Settings(packages={"p": package}, deletions=Propagation.PROPAGATE)
    expected = Policies(
        conflicts=ConflictPolicy.MANUAL,
        empty=Propagation.PROPAGATE,
        deletions=Propagation.PROPAGATE,
        properties={},
    )
    assert flow_policies(settings, "p", "f") == expected
    assert flow_policies(settings, "p", "g") == replace(expected, empty=Propagation.KEEP)
    assert flow_policies(settings, "q", "f").conflicts is ConflictPolicy.LATEST
    assert flow_settings(settings, "p", "f") is flow
    assert flow_settings(settings, "p", "g") == FlowSettings()


def test_reading_settings_loads_nothing_heavy() -> None:
    source = (
        "import sys, specbridge.settings\n"
        "heavy = ('pydantic', 'docutils', 'jinja2', 'black', 'httpx', 'sqlalchemy', 'click')\n"
        "print(sorted(set(heavy) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
