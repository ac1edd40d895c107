"""The lock: one file, in groups of which the first is enough for the demo, with hashes and no address."""

import re
import runpy
import tomllib
from collections.abc import Iterable
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / ".ci" / "lock.txt").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(ROOT / ".ci" / "lock.py"))
MOST_FOR_THE_DEMO = 40 - 3  # with pip and setuptools, which a new environment has, and specbridge
A = "a==1 \\\n    --hash=sha256:0a\n    # via b\n"
B = "b==2 ; os_name == 'nt' \\\n    --hash=sha256:0b\n"


def first_group() -> dict[str, str]:
    groups: dict[str, str] = SCRIPT["entries_of"](LOCK.split("# Group 2")[0])
    return groups


def needed(roots: Iterable[str]) -> set[str]:
    """Return the names of the roots and of all that they need on this machine, by installed metadata."""
    found: set[str] = set()
    waiting = [Requirement(root) for root in roots]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found.add(name)
            inner = (Requirement(text) for text in requires(name) or ())
            waiting += [one for one in inner if _applies(one, requirement.extras)]
    return found


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def test_every_entry_has_a_pin_and_hashes_and_stands_once() -> None:
    pins = re.findall(r"^([a-z0-9-]+)==\S+ ", LOCK, re.MULTILINE)
    assert len(pins) == len(set(pins)) > MOST_FOR_THE_DEMO
    for name, entry in SCRIPT["entries_of"](LOCK).items():
        assert "--hash=sha256:" in entry, name


def test_it_names_no_address() -> None:
    assert "://" not in LOCK
    assert "index" not in LOCK.replace("_index", "")


def test_the_first_group_is_what_the_demo_needs_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra: list[str] = project["project"]["optional-dependencies"]["sandbox"]
    link: list[str] = project["dependency-groups"]["link"]
    wanted = needed([*project["project"]["dependencies"], *extra, *link])
    assert set(first_group()) >= wanted
    # What another platform or a lower Python needs besides is an entry with a marker.
    others = {name for name in set(first_group()) - wanted if " ; " not in first_group()[name]}
    assert others == set()
    assert len(first_group()) <= MOST_FOR_THE_DEMO


def test_the_script_puts_the_demo_first() -> None:
    first, second = SCRIPT["grouped"](A + B, B).split("# Group 2")
    assert (B in first, A in first) == (True, False)
    assert (B in second, A in second) == (False, True)


def test_the_script_refuses_two_resolutions() -> None:
    with pytest.raises(ValueError, match="b of the demo"):
        SCRIPT["grouped"](A + B, B.replace("2", "3", 1))
