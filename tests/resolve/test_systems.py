"""Labels, their variants, and blank ones."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.model.profile import Profile
from specbridge.model.rules import Connected, Creation
from specbridge.resolve.packages import resolve_packages
from specbridge.resolve.problems import file_name
from specbridge.resolve.systems.labels import document_systems, resolve_label
from specbridge.settings import BlankLabels, Settings

from tests.resolve.documents import document, flow, side

Profiles = Mapping[str, Profile]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Powerofficego", "poweroffice-go"),
        ("PowerOffice GO", "poweroffice-go"),
        ("PowerOffice", "poweroffice-go"),
        ("poweroffice-go", "poweroffice-go"),
        ("ZENDESK", "zendesk"),
        ("Ledgerly  Books", "ledgerly"),
        ("", None),
        (" - ", None),
        ("Power", None),
        ("Unheard", None),
    ],
)
def test_a_label_means_a_profile(label: str, expected: str | None, profiles: Profiles) -> None:
    assert resolve_label(label, profiles) == expected


def test_settings_come_before_the_profiles_labels(profiles: Profiles) -> None:
    settings = Settings(labels={"zen desk": "acme", "Old Name": "ledgerly"})
    assert resolve_label("Zendesk", profiles, settings) == "acme"
    assert resolve_label("oldname", profiles, settings) == "ledgerly"


CONNECTED = Connected(text="", label="Ledgerly", datatypes=("Deal",), into="Acme")
BLANK = flow(side("Ledgerly", "Buyer"), side("", "Contact"))


@pytest.mark.parametrize(
    ("flows", "path", "settings", "expected"),
    [
        ((BLANK,), "x.rst", Settings(target="Acme"), "settings"),
        (
            (BLANK,),
            "x.rst",
            Settings(blank_labels={"x.rst": BlankLabels(target="Acme")}),
            "setting",
        ),
        ((BLANK, replace(BLANK, target=side("Acme", "Person"))), "x.rst", Settings(), "section"),
        (
            (replace(BLANK, creation=Creation(linked=True, connected=CONNECTED)),),
            "x.rst",
            Settings(),
            "section",
        ),
        ((BLANK,), "some/where/ledgerly-acme.rst", Settings(), "file"),
        ((BLANK,), "some\\where\\ledgerly-acme.rst", Settings(), "file"),
        ((), "ledgerly-books-acme.rst", Settings(), "file"),
    ],
    ids=["settings", "settings-of-file", "section", "connected", "stem", "windows", "hyphens"],
)
def test_a_blank_label_is_found(
    flows: tuple[object, ...], path: str, settings: Settings, expected: str, profiles: Profiles
) -> None:
    written = document(*flows, target="", path=path)  # type: ignore[arg-type]
    source, target = document_systems(written, settings, profiles)
    assert source is not None
    assert target is not None
    assert (source.name, target.name) == ("ledgerly", "acme")
    assert expected in target.because
    assert source.because == ""


def test_settings_do_not_touch_a_label_that_is_there(profiles: Profiles) -> None:
    _, target = document_systems(document(), Settings(target="Zendesk"), profiles)
    assert target is not None
    assert target.name == "acme"


def test_the_file_s_name_is_split_where_the_title_s_label_ends(profiles: Profiles) -> None:
    written = document(BLANK, source="Wave Seven", target="", path="wave-seven-foo-bar.rst")
    source, target = document_systems(written, Settings(), profiles)
    assert source is not None
    assert target is not None
    assert (source.name, target.name) == ("waveseven", "foobar")


@pytest.mark.parametrize("path", ["notes.rst", "a-b-c.rst", "-.rst", "acme-ledgerly.rst", ""])
def test_a_label_that_no_one_names_is_not_guessed(path: str, profiles: Profiles) -> None:
    written = document(BLANK, target="", path=path)
    assert document_systems(written, Settings(), profiles)[1] is None
    (package,) = resolve_packages([written], Settings(), profiles)
    assert "E301" in {one.code for one in package.problems}
    assert package.flows == ()


def test_each_blank_label_is_told_once(profiles: Profiles) -> None:
    named = flow(side("Ledgerly", "Buyer"), side("Acme", "Person"))
    written = document(BLANK, named, target="")
    (package,) = resolve_packages([written], Settings(), profiles)
    told = [one for one in package.problems if one.code == "W301"]
    assert sorted(str(one.flow) for one in told) == ["None", "buyer_to_contact"]
    assert all("read as Acme, because section `buyer_to_person`" in one.message for one in told)


@pytest.mark.parametrize(
    ("label", "title", "warned"),
    [
        ("Ledgerly", "Ledgerly", False),
        ("Exact", "ExactOnline", False),
        ("Exact Online", "ExactOnline", False),
        ("Former Name", "ExactOnline", True),
        ("Zendesk", "Ledgerly", True),
    ],
)
def test_variants_of_the_title_s_label_pass(
    label: str, title: str, warned: bool, profiles: Profiles
) -> None:
    written = document(flow(side(label, "Buyer"), side("Acme", "Contact")), source=title)
    (package,) = resolve_packages([written], Settings(), profiles)
    assert ("W302" in {one.code for one in package.problems}) is warned


def test_a_flow_of_an_unlike_label_belongs_to_the_title_s_system(profiles: Profiles) -> None:
    written = document(flow(side("Former Name", "Buyer"), side("Acme", "Contact")))
    (package,) = resolve_packages([written], Settings(), profiles)
    assert package.flows[0].source.system == "ledgerly"
    assert package.flows[0].source.label == "Former Name"


@pytest.mark.parametrize(
    ("path", "expected"), [("a/b.rst", "b.rst"), ("a\\b.rst", "b.rst"), ("b.rst", "b.rst")]
)
def test_file_name_is_the_last_part(path: str, expected: str) -> None:
    assert file_name(path) == expected
