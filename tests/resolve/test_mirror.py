"""Mirror documents: one package, one flow per pair, each direction from its own document."""

import time
from collections.abc import Mapping, Sequence
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
SECONDS = 10.0
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
    assert "acme-ledgerly.rst does not have the row `kind` to `code`" in row_remark.message
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


@pytest.mark.parametrize("older", ["orgNo", "tax.number", "VAT"])
def test_rows_and_rules_pair_by_the_property_that_both_documents_mean(
    older: str, profiles: Profiles
) -> None:
    ahead = document(flow(BUYER, CONTACT, row(older, "code"), rules=[rule(older, "mail")]))
    back = document(
        flow(CONTACT, BUYER, row("code", "vat", "integer"), rules=[rule("mail", "vat")]),
        source="Acme",
        target="Ledgerly",
        path="z.rst",
    )
    package = resolve(profiles, ahead, back)
    (found,) = package.flows
    (mapping,) = found.mappings
    assert mapping.backward == simple("integer")
    assert len(found.link_rules) == 1
    assert not [one for one in (*package.problems, *package.remarks) if one.code != "W404"]


def names_of_pairs(
    profiles: Profiles, ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]]
) -> list[str]:
    """Return which section of the mirror each of ours is paired with, by their places."""
    sections = [
        flow(BUYER, CONTACT, *(row("name", p) for p in rows), name=f"own{index}")
        for index, rows in enumerate(ours)
    ]
    turned = [
        flow(CONTACT, BUYER, *(row(p, "name") for p in rows), line=index + 1)
        for index, rows in enumerate(theirs)
    ]
    mirror = document(*turned, source="Acme", target="Ledgerly", path="z.rst")
    found = resolve(profiles, document(*sections), mirror)
    lines = {remark.flow: "-" for remark in found.remarks if remark.code == "W426"}
    return [f"{one.name}{lines.get(one.name, '+')}{len(one.mappings)}" for one in found.flows]


@pytest.mark.parametrize(
    ("ours", "theirs", "pairs"),
    [
        # A section whose rows are all in the other has as many mappings as the longer of the two.
        pytest.param(["ab", "c"], ["c", "ab"], ["own0+2", "own1+1"], id="other order"),
        pytest.param(["ab", "c"], ["c"], ["own0-2", "own1+1"], id="the first has no mirror"),
        pytest.param(["a", "abc", "d"], ["abcd", "a"], ["own0+1", "own1+4", "own2-1"], id="most"),
        pytest.param(["a", "a"], ["a", "a"], ["own0+1", "own1+1"], id="equals in their order"),
        pytest.param(["a", "b"], ["c", "d"], ["own0+2", "own1+2"], id="nothing in common"),
        pytest.param(["", "b", ""], ["b", "", ""], ["own0+0", "own1+1", "own2+0"], id="no rows"),
    ],
)
def test_repeated_sections_pair_by_the_rows_that_they_share(
    ours: Sequence[str], theirs: Sequence[str], pairs: list[str], profiles: Profiles
) -> None:
    words = {"a": "title", "b": "code", "c": "mail", "d": "place.city"}
    named = [[[words[c] for c in rows] for rows in side] for side in (ours, theirs)]
    assert names_of_pairs(profiles, *named) == pairs


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_sections_decides_nothing_where_their_rows_do(
    order: Sequence[int], profiles: Profiles
) -> None:
    properties = ("title", "code", "mail")
    ours = [[one] for one in properties]
    found = names_of_pairs(profiles, ours, [[properties[index]] for index in order])
    assert found == ["own0+1", "own1+1", "own2+1"]


def test_thousands_of_one_heading_pair_in_their_order_and_in_time(profiles: Profiles) -> None:
    count = 2_000
    ours = [flow(BUYER, CONTACT, row("name", "title"), name=f"own{n}") for n in range(count)]
    turned = [flow(CONTACT, BUYER, row("title", "name")) for _ in range(count)]
    mirror = document(*turned, source="Acme", target="Ledgerly", path="z.rst")
    began = time.process_time()
    package = resolve(profiles, document(*ours), mirror)
    assert time.process_time() - began < SECONDS
    assert not package.remarks


def test_repeated_sections_pair_by_the_links_that_they_share(profiles: Profiles) -> None:
    rules = [rule("name", "title"), rule("vat", "mail")]
    sections = [flow(BUYER, CONTACT, rules=[one], name=f"own{n}") for n, one in enumerate(rules)]
    turned = [
        flow(CONTACT, BUYER, rules=[rule("mail", "vat")]),
        flow(CONTACT, BUYER, rules=[rule("title", "name")]),
    ]
    mirror = document(*turned, source="Acme", target="Ledgerly", path="z.rst")
    package = resolve(profiles, document(*sections), mirror)
    assert [len(one.link_rules) for one in package.flows] == [1, 1]
    assert not package.remarks


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
