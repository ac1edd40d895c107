"""What an error keeps from being written is said with it: flow, document, package, a sound mirror."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from specbridge.errors import Severity
from specbridge.model.document import Document
from specbridge.model.profile import Profile
from specbridge.reader.read import read_document
from specbridge.resolve.packages import resolve_packages
from specbridge.settings import Settings

Profiles = Mapping[str, Profile]
HEAD = """\
=========================
{source} to {target} Dataflow
=========================

{source} {one} to {target} {other}
---------------------------------------
Every {source} {one} will be synchronized with a {target} {other}.

.. list-table::
   :header-rows: 1

   * - {source} {one} Property
     - {target} {other} Property
     - {target} Data Type
   * - name
     - title
     - {type}
"""
SOUND, BROKEN = '"string"', '"if", "eq"]]'


def ahead(type_: str, path: str = "specs/acme-ledgerly.rst") -> Document:
    words = {"source": "Acme", "target": "Ledgerly", "one": "Contact", "other": "Buyer"}
    return read_document(HEAD.format(**words, type=type_), path)


def back(type_: str) -> Document:
    words = {"source": "Ledgerly", "target": "Acme", "one": "Buyer", "other": "Contact"}
    return read_document(HEAD.format(**words, type=type_), "specs/ledgerly-acme.rst")


def mends(profiles: Profiles, *documents: Document) -> list[str]:
    packages = resolve_packages(documents, Settings(), profiles)
    found = [one for package in packages for one in package.problems]
    return [one.mend for one in found if one.severity is Severity.ERROR]


def test_a_flow_a_document_and_a_package(profiles: Profiles) -> None:
    assert mends(profiles, ahead(BROKEN)) == [
        'restore each `[`; flow "contact_to_buyer" is not generated, nor is the rest of the document; '
        "package `acme_ledgerly` is not written"
    ]


@pytest.mark.parametrize("broken", ["ahead", "back"])
def test_a_sound_mirror_is_named(broken: str, profiles: Profiles) -> None:
    types = (BROKEN, SOUND) if broken == "ahead" else (SOUND, BROKEN)
    (mend,) = mends(profiles, ahead(types[0]), back(types[1]))
    sound = "ledgerly-acme.rst" if broken == "ahead" else "acme-ledgerly.rst"
    assert mend.endswith(
        f"package `acme_ledgerly` is not written, though its mirror {sound} is sound"
    )


def test_a_mirror_with_errors_of_its_own_is_not_sound(profiles: Profiles) -> None:
    found = mends(profiles, ahead(BROKEN), back(BROKEN))
    assert [mend.endswith("package `acme_ledgerly` is not written") for mend in found] == [True] * 2


def test_a_double_says_what_is_written(profiles: Profiles) -> None:
    double = ahead(SOUND, "specs/acme-ledgerly-2.rst")
    (mend,) = mends(profiles, ahead(SOUND), double)
    assert mend == (
        "join the two documents, or leave one out; nothing of acme-ledgerly.rst is written, "
        "acme-ledgerly-2.rst stands"
    )


def test_a_document_without_systems_says_that_nothing_is_written(profiles: Profiles) -> None:
    nameless = HEAD.format(source="", target="", one="A", other="B", type=SOUND)
    found = mends(profiles, read_document(nameless, "notes.rst"))
    assert found
    assert all(mend.endswith("nothing of notes.rst is written") for mend in found)


def test_a_warning_says_nothing_of_it(profiles: Profiles) -> None:
    packages = resolve_packages([ahead("")], Settings(), profiles)
    told = [one for package in packages for one in package.problems]
    assert told
    assert not [one for one in told if "written" in one.mend or "generated" in one.mend]


def test_packages_that_share_no_document_are_written(profiles: Profiles) -> None:
    other = read_document(
        HEAD.format(source="Other", target="Acme", one="A", other="B", type=SOUND),
        str(Path("specs") / "other-acme.rst"),
    )
    packages = resolve_packages([ahead(BROKEN), other], Settings(), profiles)
    grave = {
        package.name
        for package in packages
        for one in package.problems
        if one.severity is Severity.ERROR
    }
    assert grave == {"acme_ledgerly"}
