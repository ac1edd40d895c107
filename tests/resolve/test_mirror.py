"""Mirror documents: one package, one flow per pair, each direction from its own document."""

from collections.abc import Mapping
from itertools import permutations

import pytest
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.model.resolved import ResolvedPackage
from specbridge.model.values import CreationPolicy, Direction
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

from tests.resolve.documents import EVERY, LINKED, cell, document, flow, row, rule, side, simple

Profiles = Mapping[str, Profile]
BUYER = side("Ledgerly", "Buyer")
CONTACT = side("Acme", "Contact")
AHEAD = document(
    flow(CONTACT, BUYER, row("title", "name"), row("rank", "vat"), rules=[rule("mail", "vat")]),
    source="Acme",
    target="Ledgerly",
    path="acme-ledgerly.rst",
)
BACK = document(
    flow(
        BUYER,
        CONTACT,
        row("NAME", "title"),
        row("vat", "rank", "decimal"),
        row("kind", "code"),
        creation=EVERY,
        rules=[rule("vat", "mail"), rule("name", "title")],
    )
)


def resolve(profiles: Profiles, *documents: Document) -> ResolvedPackage:
    (package,) = resolve_packages(documents, Settings(), profiles)
    return package


def test_the_document_that_sorts_first_names_the_package(profiles: Profiles) -> None:
    one, other = (resolve(profiles, *pair) for pair in permutations((AHEAD, BACK)))
    assert one == other
    assert one.name == "acme_ledgerly"
    assert one.documents == ("acme-ledgerly.rst", "ledgerly-acme.rst")
    assert resolve(profiles, BACK).name == "ledgerly_acme"


def test_creation_is_of_the_document_of_the_direction(profiles: Profiles) -> None:
    (found,) = resolve(profiles, AHEAD, BACK).flows
    assert found.name == "contact_to_buyer"
    assert found.to_target.policy is CreationPolicy.NEVER
    assert found.to_source.policy is CreationPolicy.ALWAYS


def test_types_are_of_the_document_of_the_direction(profiles: Profiles) -> None:
    (found,) = resolve(profiles, AHEAD, BACK).flows
    title, rank, code = found.mappings
    assert (title.forward, title.backward) == (simple("string"), simple("string"))
    assert (rank.forward, rank.backward) == (simple("string"), simple("decimal"))
    assert rank.direction is Direction.BOTH
    assert (code.source.path, code.target.path) == (("code",), ("kind",))
    assert code.backward == simple("string")


def test_link_rules_are_joined(profiles: Profiles) -> None:
    (found,) = resolve(profiles, AHEAD, BACK).flows
    assert [(one.source.path, one.target.path) for one in found.link_rules] == [
        (("mail",), ("vat",)),
        (("title",), ("name",)),
    ]
    assert found.link_rules[0].case_insensitive
    assert not found.link_rules[1].case_insensitive


def test_disagreements_are_remarks_and_not_problems(profiles: Profiles) -> None:
    package = resolve(profiles, AHEAD, BACK)
    assert sorted(one.code for one in package.remarks) == ["W424", "W425"]
    assert not {"W424", "W425"} & {one.code for one in package.problems}
    row_remark, rule_remark = sorted(package.remarks, key=lambda one: one.code)
    assert "acme-ledgerly.rst does not have the row `code` to `kind`" in row_remark.message
    assert "acme-ledgerly.rst does not link by `name` and `title`" in rule_remark.message


def test_a_lossy_row_is_read_back_as_the_mirror_says(profiles: Profiles) -> None:
    one = document(flow(BUYER, CONTACT, row("custom.x", "title")))
    assert resolve(profiles, one).flows[0].mappings[0].direction is Direction.TO_TARGET
    two = document(
        flow(CONTACT, BUYER, row("title", "custom.x")),
        source="Acme",
        target="Ledgerly",
        path="z.rst",
    )
    assert resolve(profiles, one, two).flows[0].mappings[0].direction is Direction.BOTH


def test_a_flow_of_the_mirror_alone_is_turned_round(profiles: Profiles) -> None:
    empty = document(source="Acme", target="Ledgerly", path="acme-ledgerly.rst")
    (found,) = resolve(profiles, empty, BACK).flows
    assert found.name == "contact_to_buyer"
    assert (found.source.system, found.target.system) == ("acme", "ledgerly")
    assert found.document == "ledgerly-acme.rst"
    assert found.to_source.policy is CreationPolicy.ALWAYS
    assert found.mappings[0].source.path == ("title",)
    assert found.mappings[0].backward == simple("string")


def test_repeated_sections_pair_in_their_order(profiles: Profiles) -> None:
    sections = [flow(BUYER, CONTACT, row("name", p), name=p) for p in ("title", "code", "mail")]
    turned = [flow(CONTACT, BUYER, row(p, "name"), name=p) for p in ("title", "code")]
    mirror = document(*turned, source="Acme", target="Ledgerly", path="z.rst")
    found = resolve(profiles, document(*sections), mirror).flows
    assert [one.name for one in found] == ["title", "code", "mail"]
    assert [one.mappings[0].backward for one in found] == [simple("string")] * 2 + [None]


@pytest.mark.parametrize("kept", [(("P", "kind"),), (("P", "KIND"),)], ids=["equal", "other-case"])
def test_rows_pair_by_their_conditions_too(
    kept: tuple[tuple[str, str]], profiles: Profiles
) -> None:
    ahead = document(flow(BUYER, CONTACT, row(cell("name", ("P", "kind")), "title")))
    back = document(
        flow(CONTACT, BUYER, row("title", cell("name", *kept)), creation=LINKED),
        source="Acme",
        target="Ledgerly",
        path="z.rst",
    )
    (found,) = resolve(profiles, ahead, back).flows
    assert len(found.mappings) == 1


def test_one_system_on_both_sides_is_its_own_mirror(profiles: Profiles) -> None:
    same = document(
        flow(CONTACT, CONTACT, row("title", "code")), source="Acme", target="Acme", path="a.rst"
    )
    package = resolve(profiles, same)
    assert package.name == "acme_acme"
    assert package.flows[0].name == "contact_to_contact"
    assert package.documents == ("a.rst",)
