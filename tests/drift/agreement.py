"""The law of diff and check, over as many drawn changes as are asked for.

`python -m tests.drift.agreement --changes 10000` plays the long form.
"""

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from specbridge.api import check, regenerate, resolve
from specbridge.drift.meaning.change import Change
from specbridge.drift.meaning.code import code_of
from specbridge.drift.meaning.packages import compare_packages
from specbridge.drift.warm import templates_of
from specbridge.errors import Severity
from specbridge.model.resolved import ResolvedPackage
from specbridge.reader.read import read_content
from specbridge.settings import Settings
from specbridge.tasks import plan_task

from tests.drift.drawn import changed_projects

PROFILES = Path(__file__).parent.parent / "resolve"
CODE = code_of(templates_of(Settings()))

Documents = Mapping[str, str]
"""A project's documents: texts by file name."""


def tell_changes(
    old: Documents, new: Documents, known: Settings, *, complete: bool = True
) -> tuple[Change, ...]:
    """Return what diff tells; with `complete` False what it tells without looking at the code."""
    before, after = (resolve_texts(documents, known) for documents in (old, new))
    return compare_packages(before, after, CODE if complete else None)


def resolve_texts(documents: Documents, known: Settings) -> tuple[ResolvedPackage, ...]:
    """Return the packages of a project."""
    read = [read_content(text.encode(), f"specs/{name}") for name, text in documents.items()]
    return resolve(read, known)


def has_errors(documents: Documents, known: Settings) -> bool:
    """Return whether a document would not be written."""
    packages = resolve_texts(documents, known)
    return any(p.severity is Severity.ERROR for package in packages for p in package.problems)


def drifts(old: Documents, new: Documents, known: Settings) -> bool:
    """Return whether the new documents' code is another than the old ones', as check sees it."""
    with tempfile.TemporaryDirectory() as folder:
        here = replace(known, root=Path(folder))
        write_texts(old, here.root / "specs")
        regenerate(plan_task(settings=here))
        write_texts(new, here.root / "specs")
        return bool(check(settings=here, fresh=True).drift)


def write_texts(documents: Documents, folder: Path) -> None:
    """Write a project's documents, in the place of those that are there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")


def play_changes(count: int, start: int) -> Counter[str]:
    """Play so many drawn changes; return how often each kind was told. The first disagreement raises."""
    told: Counter[str] = Counter()

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(changed_projects(), st.booleans())
    def play(projects: tuple[Documents, Documents], profiled: bool) -> None:
        known = Settings(
            symbols={"wd:Q1": "P"},
            profiles=(
                tuple(map(str, (PROFILES / "ledgerly.toml", PROFILES / "acme.toml")))
                if profiled
                else ()
            ),
        )
        if any(has_errors(documents, known) for documents in projects):
            told["not compared"] += 1
            return
        found = tell_changes(*projects, known)
        assert bool(found) == drifts(*projects, known), projects
        # What shows in the code the model alone tells, too; it may tell what does not show (a data type
        # that the mirror states as it would be read without one).
        bare = tell_changes(*projects, known, complete=False)
        assert all(change in bare for change in found), (found, bare, projects)
        told.update({change.kind for change in found} or {"none"})

    play()
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--start", type=int, default=0)
    given_options = parser.parse_args()
    for kind, number in play_changes(given_options.changes, given_options.start).most_common():
        print(f"{number:>7} {kind}")  # noqa: T201 -- the report of a long run
