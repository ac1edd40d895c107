"""A small project in a temporary folder: one document of invented systems, and its packages."""

from dataclasses import dataclass, replace
from pathlib import Path

from specbridge.api import CheckResult, Task, WriteResult, check, plan_task, regenerate
from specbridge.drift.digests import digest
from specbridge.drift.manifest import NAME, read_manifest, render_manifest
from specbridge.former import FORMER_RUNTIME, RUNTIME
from specbridge.settings import Settings

DOCUMENT = """\
=========================
Ledgerly to Acme Dataflow
=========================

Generated: 2024-05-02 00:00:01

Introduction
------------

This document states the data flow from Ledgerly to Acme.

Ledgerly Buyer to Acme Contact
------------------------------
Before any synchronization can take place, a link between a Ledgerly Buyer and a Acme Contact must be established.

A Ledgerly Buyer will merge with a Acme Contact if one of the following property combinations match:

.. list-table::
   :header-rows: 1

   * - Ledgerly Buyer Property
     - Acme Contact Property
   * - mail
     - email

Once a link between a Ledgerly Buyer and a Acme Contact is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Ledgerly Buyer and a Acme Contact:

.. list-table::
   :header-rows: 1

   * - Ledgerly Buyer Property
     - Acme Contact Property
     - Acme Data Type
   * - name
     - title
     - "string"
   * - home.city
     - city
     - "string"
   * - work.city
     - city
     - "string"

Ledgerly Shop to Acme Branch
----------------------------
Every Ledgerly Shop will be synchronized with a Acme Branch.

Once a link between a Ledgerly Shop and a Acme Branch is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Ledgerly Shop and a Acme Branch:

.. list-table::
   :header-rows: 1

   * - Ledgerly Shop Property
     - Acme Branch Property
     - Acme Data Type
   * - name
     - label
     - "string"
"""


@dataclass(frozen=True)
class Project:
    """A project's folder, with `specs/` and `generated/`."""

    root: Path

    @property
    def document(self) -> Path:
        return self.root / "specs" / "ledgerly-acme.rst"

    @property
    def package(self) -> Path:
        return self.root / "generated" / "ledgerly_acme"

    @property
    def settings(self) -> Settings:
        return Settings(root=self.root)

    @property
    def task(self) -> Task:
        return plan_task(settings=self.settings)

    def write(self, text: str) -> None:
        self.document.parent.mkdir(parents=True, exist_ok=True)
        self.document.write_bytes(text.encode("utf-8"))

    def generate(self, *, force: bool = False, prune: bool = False) -> WriteResult:
        return regenerate(self.task, force=force, prune=prune)

    def check(self, *, fresh: bool = False) -> CheckResult:
        return check(settings=self.settings, fresh=fresh)

    def drifted(self, *, fresh: bool = False) -> dict[str, str]:
        """Return the kind of drift by path below the project."""
        found = self.check(fresh=fresh).drift
        return {Path(d.path).relative_to(self.root).as_posix(): d.kind.value for d in found}


def start_project(root: Path, text: str = DOCUMENT) -> Project:
    project = Project(root)
    project.write(text)
    project.generate()
    return project


def make_former(package: Path) -> None:
    """Make a package what specbridge 0.1 would have generated: another import name, other digests."""
    manifest = read_manifest(package)
    assert manifest is not None
    files = {}
    for name, entry in manifest.files.items():
        text = (package / name).read_text(encoding="utf-8").replace(RUNTIME, FORMER_RUNTIME)
        (package / name).write_bytes(text.encode("utf-8"))
        files[name] = replace(entry, text=digest(text), made_of=digest(f"0.1 {entry.made_of}"))
    inputs = replace(manifest.inputs, tool=digest("0.1"))
    text = render_manifest(replace(manifest, files=files, inputs=inputs))
    (package / NAME).write_bytes(text.encode("utf-8"))
