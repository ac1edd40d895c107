"""From a vendor's description to a first sync: drafted, decided, served as the profile says, synchronized, audited."""

from contextlib import ExitStack
from pathlib import Path

from specbridge.profiles.load import read_profile
from specbridge.sandbox.anysystem.serving import running_profiles
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import running_sandbox

from tests.acceptance.conftest import Terminal
from tests.drafting.describing import draft_text, vendor_text
from tests.drafting.test_marks import without_marks

DOCUMENT = """\
=============================
Tripletex to Zendesk Dataflow
=============================

Generated: 2026-11-23 00:00:01

Introduction
------------

What is kept equal between Tripletex and Zendesk.

Tripletex Customer to Zendesk Organization
------------------------------------------
Every Tripletex Customer will be synchronized with a Zendesk Organization.

A Tripletex Customer will merge with a Zendesk Organization if one of the following property combinations match:

.. list-table::
   :header-rows: 1

   * - Tripletex Customer Property
     - Zendesk Organization Property
   * - name
     - name

Once a link between a Tripletex Customer and a Zendesk Organization is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a Tripletex Customer and a Zendesk Organization:

.. list-table::
   :header-rows: 1

   * - Tripletex Customer Property
     - Zendesk Organization Property
     - Zendesk Data Type
   * - name
     - name
     - "string"
   * - description
     - notes
     - "string"
"""
PACKAGE = "generated/tripletex_zendesk"


def test_a_drafted_profile_sees_a_first_sync(tmp_path: Path) -> None:
    text = without_marks(draft_text(vendor_text("tripletex")))
    profile = read_profile(text, "tripletex.toml")
    (tmp_path / "specs").mkdir()
    files = {
        "pyproject.toml": '[tool.specbridge]\nprofiles = ["tripletex.toml"]\n',
        "tripletex.toml": text,
        "specs/tripletex-zendesk.rst": DOCUMENT,
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with ExitStack() as stack:
        options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
        both = stack.enter_context(running_sandbox(options))
        own = stack.enter_context(running_profiles([profile], records=7))
        environment = {**both.environment, **own.environment}
        terminal = Terminal(directory=tmp_path, environment=environment)

        def done(*words: str) -> int:
            ended = terminal.run(*words)
            assert ended.status == 0, (words, ended.output, ended.errors)
            return ended.writes if "--json" in words else 0

        done("generate")
        done("doctor", PACKAGE)
        assert done("sync", PACKAGE, "--json") > 0
        customer = own.running["tripletex"].system.world()["Customers"][1]
        own.systems["tripletex"].edit("Customers", str(customer["id"]), description="from there")
        done("sync", PACKAGE, "--json")
        firm = next(
            row for row in both.zendesk.records("organizations") if row["name"] == customer["name"]
        )
        assert firm["notes"] == "from there"
        assert done("sync", PACKAGE, "--json") == 0
        done("audit", PACKAGE)
