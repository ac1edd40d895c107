"""When records are created: the sentences bound to profiles and settings."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.model.profile import Profile
from specbridge.model.resolved import Connection, CreationRule, ResolvedCondition, ResolvedPackage
from specbridge.model.rules import Connected, Creation
from specbridge.model.values import CreationPolicy
from specbridge.resolve.creation import creation_policy
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import FlowSettings, PackageSettings, Predicate, Settings

from tests.resolve.documents import EVERY, LINKED, document, flow, side

Profiles = Mapping[str, Profile]
BUYER = side("Ledgerly", "Buyer")
CONTACT = side("Acme", "Contact")
DEALS = Connected(text="", label="Ledgerly", datatypes=("Deal", "AGENTS"), into="Acme")


@pytest.mark.parametrize(
    ("creation", "expected"),
    [
        (Creation(), CreationPolicy.NEVER),
        (LINKED, CreationPolicy.NEVER),
        (EVERY, CreationPolicy.ALWAYS),
        (Creation(when="When paid"), CreationPolicy.WHEN),
        (Creation(linked=True, match_or_create=True), CreationPolicy.ALWAYS),
        (Creation(linked=True, connected=DEALS), CreationPolicy.CONNECTED),
        (Creation(linked=True, connected=DEALS, match_or_create=True), CreationPolicy.CONNECTED),
    ],
)
def test_sentences_together_say_a_policy(creation: Creation, expected: CreationPolicy) -> None:
    assert creation_policy(creation) is expected


def rule_of(creation: Creation, settings: Settings, profiles: Profiles) -> CreationRule:
    return package_of(creation, settings, profiles).flows[0].to_target


def package_of(creation: Creation, settings: Settings, profiles: Profiles) -> ResolvedPackage:
    written = document(flow(BUYER, CONTACT, creation=creation))
    (package,) = resolve_packages([written], settings, profiles)
    return package


def test_connected_looks_at_every_reference_of_the_named_datatypes(profiles: Profiles) -> None:
    rule = rule_of(Creation(linked=True, connected=DEALS), Settings(), profiles)
    assert rule.connections == (
        Connection(resource="Deals", path=("buyer",)),
        Connection(resource="Deals", path=("payer",)),
        Connection(resource="Agents", path=("favourite",)),
    )


def test_connected_to_what_does_not_refer_never_creates(profiles: Profiles) -> None:
    nothing = Connected(text="", label="Ledgerly", datatypes=("Sellers",), into="Acme")
    package = package_of(Creation(linked=True, connected=nothing), Settings(), profiles)
    assert package.flows[0].to_target.policy is CreationPolicy.CONNECTED
    assert package.flows[0].to_target.connections == ()
    assert "W352" in {one.code for one in package.problems}


def configured(**kwargs: Predicate) -> Settings:
    own = FlowSettings(**kwargs)  # type: ignore[arg-type]
    return Settings(packages={"ledgerly_acme": PackageSettings(flows={"buyer_to_contact": own})})


def test_when_needs_its_configured_condition(profiles: Profiles) -> None:
    when = Creation(when="When a Buyer is active")
    package = package_of(when, Settings(), profiles)
    assert package.flows[0].to_target.condition is None
    (told,) = [one for one in package.problems if one.code == "W351"]
    assert "packages.ledgerly_acme.flows.buyer_to_contact" in told.mend

    settings = configured(when=Predicate(path=("ACTIVE",), equals=False, negate=True))
    found = package_of(when, settings, profiles)
    condition = ResolvedCondition(path=("active",), value=False, negate=True)
    assert found.flows[0].to_target.condition == condition
    assert "W351" not in {one.code for one in found.problems}


def test_an_empty_condition_of_the_settings_creates_for_every_record(profiles: Profiles) -> None:
    text = "When a Buyer is active, it will be synchronized with a Acme Contact."
    section = replace(
        flow(BUYER, CONTACT, creation=Creation(when="When a Buyer is active")), statements=(text,)
    )
    (package,) = resolve_packages([document(section)], configured(when=Predicate()), profiles)
    assert package.flows[0].to_target == CreationRule(policy=CreationPolicy.ALWAYS, statement=text)
    assert "W351" not in {one.code for one in package.problems}
    # It is about the document's sentence: where there is none, nothing is created.
    rule = rule_of(LINKED, configured(when=Predicate()), profiles)
    assert rule.policy is CreationPolicy.NEVER


def test_one_document_never_creates_backwards(profiles: Profiles) -> None:
    found = package_of(EVERY, Settings(), profiles).flows[0]
    assert found.to_target.policy is CreationPolicy.ALWAYS
    assert found.to_source == CreationRule()


def test_when_on_a_property_that_there_is_not_never_creates(profiles: Profiles) -> None:
    settings = configured(when=Predicate(path=("colour",), equals="red"))
    package = package_of(Creation(when="When red"), settings, profiles)
    assert package.flows[0].to_target.condition is None
    assert [one.code for one in package.problems] == ["W401"]
