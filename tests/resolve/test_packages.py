"""Packages: names, order, subsets, and the real seed."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.errors import Location, SettingsError
from specbridge.model.conversion import ValueType
from specbridge.model.document import Side
from specbridge.model.profile import Profile, Subset
from specbridge.model.resolved import Reference, ResolvedPackage, ResolvedSide
from specbridge.model.values import CreationPolicy, Direction
from specbridge.reader.read import read_document
from specbridge.resolve.lint import held_rows, lint_packages
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import (
    ConflictPolicy,
    FlowSettings,
    PackageSettings,
    Predicate,
    Settings,
)

from tests.resolve.documents import document, flow, row, side

Profiles = Mapping[str, Profile]
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SPECBRIDGE_SHARED", ROOT.parent / "shared"))
SPEC = ROOT / "specs" / "powerofficego-zendesk.rst"
BUYER = side("Ledgerly", "Buyer")
CONTACT = side("Acme", "Contact")


@pytest.fixture(name="seed", scope="module", params=["specs", "shared"])
def _seed(request: pytest.FixtureRequest, profiles: Profiles) -> ResolvedPackage:
    path = SPEC if request.param == "specs" else SHARED / "seed" / SPEC.name
    if not path.is_file():
        pytest.skip(f"{path} is not there: set SPECBRIDGE_SHARED to try it on the given seed")
    written = read_document(path.read_text(encoding="utf-8"), f"specs/{SPEC.name}")
    (package,) = resolve_packages([written], Settings(), profiles)
    return package


def test_the_seed_s_names(seed: ResolvedPackage) -> None:
    assert seed.name == "powerofficego_zendesk"
    assert [one.name for one in seed.flows] == [
        "customers_to_organizations",
        "contactperson_to_users",
        "customers_person_to_users",
        "departments_to_organizations",
    ]
    assert all(one.runnable for one in seed.flows)


def test_the_seed_s_warnings_name_blank_labels_and_held_rows(seed: ResolvedPackage) -> None:
    assert sorted(one.code for one in seed.problems) == ["W301"] * 4 + ["W403", "W408"]
    told = [one.message for one in seed.problems if one.code == "W301"]
    assert all("read as Zendesk, because section `customers_to_organizations`" in t for t in told)
    assert [(one.source, one.direction, one.code) for one in held_rows([seed])] == [
        ("WebsiteUrl", Direction.BOTH, "W408"),
        ("partyId", Direction.TO_SOURCE, "W403"),
    ]


def test_the_seed_s_references_subsets_and_creation(seed: ResolvedPackage) -> None:
    customers, people, persons, departments = seed.flows
    assert people.mappings[1].reference == Reference(source="Customers", target="Organizations")
    assert people.mappings[1].source.path == ("ContactId",)
    assert people.mappings[0].source.path == ("EmailAddress",)
    assert people.link_rules[0].case_insensitive
    assert customers.source.predicate is not None
    assert (customers.source.predicate.negate, customers.source.predicate.equals) == (True, True)
    assert persons.source.predicate is not None
    assert not persons.source.predicate.negate
    assert persons.mappings == ()
    policies = [one.to_target.policy for one in seed.flows]
    assert policies == [
        CreationPolicy.ALWAYS,
        CreationPolicy.NEVER,
        CreationPolicy.NEVER,
        CreationPolicy.ALWAYS,
    ]
    assert departments.to_target.statement.startswith("Every Powerofficego Departments")


def test_the_seed_s_lint(seed: ResolvedPackage, profiles: Profiles) -> None:
    own = [one for one in lint_packages([seed], profiles) if one not in seed.problems]
    assert sorted((one.code, one.flow) for one in own) == [
        ("W423", "customers_to_organizations"),
        ("W423", "departments_to_organizations"),
        ("W429", "customers_to_organizations"),
        ("W429", "departments_to_organizations"),
    ]


@pytest.mark.parametrize(
    ("source", "target", "name"),
    [
        ("Exact Online", "Acme", "exactonline_acme"),
        ("24SevenOffice", "class", "n24sevenoffice_class_"),
        ("../Evil", "a'; import os", "evil_aimportos"),
        ("{{ x }}", "Å\u202e", "x_a"),
    ],
)
def test_package_names_are_safe(source: str, target: str, name: str) -> None:
    (package,) = resolve_packages([document(source=source, target=target)], Settings(), {})
    assert package.name == name


def test_packages_of_one_name_are_numbered() -> None:
    pairs = [("A B", "C"), ("A", "B C")]
    written = [document(source=s, target=t, path=f"{s}-{t}.rst") for s, t in pairs]
    names = [one.name for one in resolve_packages(written, Settings(), {})]
    assert names == ["ab_c", "a_bc"]
    same = [document(source="É", target=t, path=f"{t}.rst") for t in ("o", "ø")]
    assert [one.name for one in resolve_packages(same, Settings(), {})] == ["e_o", "e_o_2"]


def test_flow_names_that_coincide_are_numbered(profiles: Profiles) -> None:
    flows = [flow(BUYER, CONTACT, name=name) for name in ("for", "a-b", "a b", "é", "e")]
    (package,) = resolve_packages([document(*flows)], Settings(), profiles)
    assert [one.name for one in package.flows] == ["for_", "a_b", "a_b_2", "e", "e_2"]


def test_an_unreadable_flow_is_left_out(profiles: Profiles) -> None:
    broken = replace(flow(BUYER, CONTACT, row("name", "title")), readable=False)
    (package,) = resolve_packages([document(broken)], Settings(), profiles)
    assert package.flows == ()


def test_a_circle_names_the_document_of_a_flow_that_is_in_another(profiles: Profiles) -> None:
    ahead = document(flow(BUYER, CONTACT, row("agent", "manager")))
    turned = flow(side("Acme", "Person"), side("Ledgerly", "Agents"), row("best", "favourite"))
    elsewhere = replace(turned, where=Location("specs/z.rst", 5))
    back = document(elsewhere, source="Acme", target="Ledgerly", path="specs/z.rst")
    (package,) = resolve_packages([ahead, back], Settings(), profiles)
    (told,) = (one for one in package.problems if one.code == "W341")
    assert "the flows agents_to_person (of z.rst), buyer_to_contact refer" in told.message


def test_a_circle_runs_in_document_order_and_is_told_once(profiles: Profiles) -> None:
    flows = (
        flow(BUYER, CONTACT, row("agent", "manager"), line=10),
        flow(side("Ledgerly", "Agents"), side("Acme", "Person"), row("favourite", "best"), line=20),
    )
    (package,) = resolve_packages([document(*flows)], Settings(), profiles)
    assert [one.code for one in package.problems] == ["W341"]
    assert package.problems[0].where.line == 10
    assert {one.name for one in package.flows} == {"buyer_to_contact", "agents_to_person"}
    again = resolve_packages([document(*flows)], Settings(), profiles)
    assert again == (package,)


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        (None, "company"),
        ("person", "person"),
        ("PERSON", "person"),
        ("human data", "human data"),
    ],
)
def test_subsets_are_the_profile_s(subset: str | None, expected: str, profiles: Profiles) -> None:
    found = first_flow(replace(BUYER, subset=subset), Settings(), profiles)
    assert found.predicate is not None
    assert found.predicate.name == expected


def first_flow(source: Side, settings: Settings, profiles: Profiles) -> ResolvedSide:
    written = document(flow(source, CONTACT))
    (package,) = resolve_packages([written], settings, profiles)
    return package.flows[0].source


def subsets(name: str, predicate: Predicate) -> Settings:
    return Settings(subsets={"ledgerly": {"buyers": {name: predicate}}})


def test_settings_override_the_profile_s_subsets(profiles: Profiles) -> None:
    person = replace(BUYER, subset="person")
    settings = subsets("Person", Predicate(path=("active",), equals=True))
    assert first_flow(person, settings, profiles).predicate == Subset(
        name="person", path=("active",), equals=True, required=(("short_name",),)
    )
    everyone = subsets("plain", Predicate())
    assert first_flow(BUYER, everyone, profiles).predicate is None
    giant = replace(BUYER, subset="giant")
    settings = subsets("giant", Predicate(path=("number",), equals=1))
    assert first_flow(giant, settings, profiles).predicate is not None


@pytest.mark.parametrize("subset", [None, "person", "human data", "giant"])
def test_an_empty_subset_of_the_settings_is_every_record(
    subset: str | None, profiles: Profiles
) -> None:
    settings = subsets(subset or "plain", Predicate())
    written = document(flow(replace(BUYER, subset=subset), CONTACT))
    (package,) = resolve_packages([written], settings, profiles)
    assert package.flows[0].source.predicate is None
    assert package.flows[0].runnable
    assert "W312" not in {one.code for one in package.problems}
    (unsaid,) = resolve_packages([written], Settings(), profiles)
    assert unsaid.flows[0].runnable is (subset != "giant")


@pytest.mark.parametrize(
    "settings",
    [
        Settings(labels={"Old": "nowhere"}),
        Settings(symbols={"wd:Q1": {"nowhere": 1}}),
        Settings(subsets={"nowhere": {}}),
        Settings(subsets={"ledgerly": {"Sellers": {}}}),
        subsets("person", Predicate(path=("colour",), equals=1)),
    ],
    ids=["label", "symbol", "system", "resource", "property"],
)
def test_settings_that_no_profile_answers_are_refused(
    settings: Settings, profiles: Profiles
) -> None:
    with pytest.raises(SettingsError, match=r"tool\.specbridge\.(labels|symbols|subsets)"):
        resolve_packages([], settings, profiles)


def test_thousands_of_flows_of_one_pair_resolve(profiles: Profiles) -> None:
    flows = [
        flow(BUYER, CONTACT, row("parent", "owner"), row("agent", "manager"), name=f"f{n}")
        for n in range(2000)
    ]
    agents = [
        flow(side("Ledgerly", "Agents"), side("Acme", "Person"), name=f"g{n}") for n in range(2000)
    ]
    (package,) = resolve_packages([document(*flows, *agents)], Settings(), profiles)
    assert len(package.flows) == 4000
    assert package.flows[0].name == "g0"
    assert package.flows[-1].mappings[0].source.type is ValueType.INTEGER


@pytest.mark.parametrize(
    ("flows", "key"),
    [
        ({"buyer_to_contct": FlowSettings()}, r"flows\.buyer_to_contct: there is no such flow"),
        (
            {"buyer_to_contact": FlowSettings(properties={"nme": ConflictPolicy.SOURCE})},
            r"flows\.buyer_to_contact\.properties\.'nme': no row has this property",
        ),
    ],
    ids=["flow", "property"],
)
def test_settings_of_a_package_must_fit_it(
    flows: Mapping[str, FlowSettings], key: str, profiles: Profiles
) -> None:
    settings = Settings(packages={"ledgerly_acme": PackageSettings(flows=flows)})
    with pytest.raises(SettingsError, match=rf"tool\.specbridge\.packages\.ledgerly_acme\.{key}"):
        resolve_packages([document(flow(BUYER, CONTACT, row("name", "title")))], settings, profiles)


def test_settings_name_properties_as_the_api_does(profiles: Profiles) -> None:
    own = FlowSettings(properties={"phones.number": ConflictPolicy.SOURCE})
    settings = Settings(
        packages={"ledgerly_acme": PackageSettings(flows={"buyer_to_contact": own})}
    )
    written = document(flow(BUYER, CONTACT, row("PHONES.Number", "title")))
    assert len(resolve_packages([written], settings, profiles)) == 1


def test_a_second_document_of_one_direction_is_stopped_alone(profiles: Profiles) -> None:
    again = document(flow(BUYER, CONTACT), path="z.rst")
    first, stopped = resolve_packages([again, document(flow(BUYER, CONTACT))], Settings(), profiles)
    assert (first.name, first.documents) == ("ledgerly_acme", ("ledgerly-acme.rst",))
    assert "E302" not in {one.code for one in first.problems}
    assert (stopped.name, stopped.flows) == ("z", ())
    assert [one.code for one in stopped.problems] == ["E302"]
