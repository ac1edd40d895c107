"""Rows that close circles, and instants that `latest` does not have: what lint says of them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.emit.package import emit_package
from specbridge.errors import Location, Problem
from specbridge.model.conversion import Call, Conversion, Literal, Value
from specbridge.model.document import Document, Flow
from specbridge.model.profile import Profile
from specbridge.model.rules import PropertyMapping
from specbridge.resolve.lint import held_rows, lint_packages
from specbridge.resolve.packages import resolve_packages
from specbridge.runtime.decide.identity.circles import find_closing_rows, state_rows
from specbridge.settings import ConflictPolicy, FlowSettings, PackageSettings, Settings

from tests.emit.load import RENDERER, import_folder, write_texts
from tests.resolve.documents import document, flow, row, side

Profiles = Mapping[str, Profile]
BUYER, AGENT = side("Ledgerly", "Buyer"), side("Ledgerly", "Agents")
CONTACT, PERSON = side("Acme", "Contact"), side("Acme", "Person")


def around(*last: PropertyMapping) -> tuple[Flow, ...]:
    """Return four flows that go round by name and title, the last one with these rows."""
    return (
        flow(BUYER, CONTACT, row("name", "title", line=11)),
        flow(AGENT, CONTACT, row("name", "title", line=21)),
        flow(AGENT, PERSON, row("name", "name", line=31)),
        flow(BUYER, PERSON, *last),
    )


SHORTER = Conversion(text="…", expression=Call("replace", (Literal("-"), Literal(""), Value())))
SHORTENED = row("name", "name", SHORTER, line=41)


def lint(
    documents: list[Document], profiles: Profiles, settings: Settings | None = None
) -> tuple[Problem, ...]:
    settings = settings or Settings()
    return lint_packages(resolve_packages(documents, settings, profiles), profiles, settings)


def of(code: str, problems: tuple[Problem, ...]) -> list[Problem]:
    return [one for one in problems if one.code == code]


def test_the_row_that_converts_is_told_with_the_others_of_its_circle(profiles: Profiles) -> None:
    (told,) = of("W431", lint([document(*around(SHORTENED))], profiles))
    assert (told.where.line, told.flow) == (41, "buyer_to_person")
    assert "Buyer name - Contact title - Agents name - Person name" in told.message
    assert "doc.rst:11, 21, 31:" in told.message


def test_rows_that_copy_go_round(profiles: Profiles) -> None:
    assert not of("W431", lint([document(*around(row("name", "name")))], profiles))
    assert not of("W431", lint([document(*around(row("name", "name", None)))], profiles))


def test_the_same_row_is_held_in_whatever_order_sections_stand(profiles: Profiles) -> None:
    for flows in (around(SHORTENED), around(SHORTENED)[::-1]):
        packages = resolve_packages([document(*flows)], Settings(), profiles)
        held = [one for one in held_rows(packages) if one.code == "W431"]
        assert [(one.flow, one.source) for one in held] == [("buyer_to_person", "name")]


def test_a_circle_may_go_over_several_documents(profiles: Profiles) -> None:
    flows = around(SHORTENED)
    # Acme to itself: as two packages share a system, or three go round.
    inner = flow(PERSON, CONTACT, replace(row("name", "title"), where=Location("a/within.rst", 51)))
    within = document(inner, source="Acme", path="acme-acme.rst")
    between = document(flows[0], flows[3])
    (told,) = of("W431", lint([between, within], profiles))
    assert told.where == Location("doc.rst", 41)
    assert "within.rst:51; doc.rst:11:" in told.message
    assert not of("W431", lint([between], profiles))


def test_a_run_holds_what_lint_says(
    profiles: Profiles, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (package,) = resolve_packages([document(*around(SHORTENED))], Settings(), profiles)
    texts = emit_package(package, RENDERER)
    module = import_folder(write_texts(texts, tmp_path_factory.mktemp("emitted")))
    closing = find_closing_rows([state_rows(one) for one in module.FLOWS])
    told = [module.FLOWS[pairing].properties[index].statement for pairing, index in closing]
    assert told == ['name | name | "…"']


def latest(profiles: Profiles, *systems: str, settings: Settings | None = None) -> list[str]:
    """Return what is told of a flow where these systems say when a record was modified."""
    known = {
        name: (
            replace(
                profile,
                resources=tuple(replace(r, modified_at=("changed",)) for r in profile.resources),
            )
            if name in systems
            else profile
        )
        for name, profile in profiles.items()
    }
    problems = lint([document(flow(BUYER, CONTACT, row("name", "title")))], known, settings)
    return [one.message.split(" does not say")[0].split()[-1] for one in of("W432", problems)]


def test_a_side_without_instants_is_told(profiles: Profiles) -> None:
    assert latest(profiles, "ledgerly", "acme") == []
    assert latest(profiles, "ledgerly") == ["Acme"]
    assert latest(profiles, "acme") == ["Ledgerly"]
    assert latest(profiles) == ["Acme", "Ledgerly"]


def test_a_policy_that_asks_for_no_instant_is_not_told(profiles: Profiles) -> None:
    def flows(own: FlowSettings) -> Settings:
        packages = {"ledgerly_acme": PackageSettings(flows={"buyer_to_contact": own})}
        return Settings(packages=packages)

    source = FlowSettings(conflicts=ConflictPolicy.SOURCE)
    assert latest(profiles, settings=Settings(conflicts=ConflictPolicy.MANUAL)) == []
    assert latest(profiles, settings=flows(source)) == []
    by_name = replace(source, properties={"name": ConflictPolicy.LATEST})
    assert latest(profiles, "ledgerly", settings=flows(by_name)) == ["Acme"]


def test_a_property_of_one_direction_cannot_be_changed_on_both(profiles: Profiles) -> None:
    ahead = document(flow(BUYER, CONTACT, row("self", "title")))
    assert not of("W432", lint([ahead], profiles))
