"""`audit`: names and reasons in every form, masked on request, and the audits that were before."""

import base64
import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.world import PACKAGE, RENAMED, World, working_world

PERSONAL = (*RENAMED, *RENAMED.values(), "Havblikk", "Siri Holm")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with working_world(tmp_path_factory.mktemp("world")) as found:
        yield found


def unpacked(page: Path) -> str:
    """Return a page's text with all that is packed in it."""
    text = page.read_text(encoding="utf-8")
    packed = re.findall(r'id="packed[^"]*">([^<]+)<', text)
    assert len(packed) == 2
    return text + "".join(gzip.decompress(base64.b64decode(one)).decode() for one in packed)


def test_names_and_reasons_are_told_in_text_and_json(world: World) -> None:
    code, text = world.run("audit", str(PACKAGE), "--html", "a.html")
    assert code == 3
    assert "What Zendesk holds has not reached PowerOffice GO yet." in text
    assert '"Nordlys Elektro AS" "Nordlys Elektro ASA"' in text
    assert "\x1b" not in text
    page = unpacked(world.folder / "a.html")
    for told in ("Nordlys Elektro ASA", "powerofficego-zendesk.rst, line 84", "/agent/users/"):
        assert told in page
    code, text = world.run("audit", str(PACKAGE), "--json", "--examples", "1")
    report = json.loads(text)
    assert max(len(one["examples"]) for one in report["statements"]) == 1
    examples = [x for s in report["statements"] for x in s["examples"]]
    named = next(x for x in examples if x["source_name"] == "Nordlys Elektro AS")
    assert (named["reason"], named["target_name"]) == ("not_carried", "Nordlys Elektro ASA")
    assert named["mend"].startswith("Synchronize")
    assert report["at"].endswith("+00:00")


def test_nothing_personal_is_told_without_names(world: World) -> None:
    forms = ("--html", "b.html", "--junit", "b.xml")
    told = [
        world.run("audit", str(PACKAGE), "--no-names", *more)[1] for more in (forms, ("--json",))
    ]
    junit = (world.folder / "b.xml").read_text(encoding="utf-8")
    for text in (*told, junit, unpacked(world.folder / "b.html")):
        assert not [name for name in PERSONAL if name in text]
        assert "10002" in text


def test_a_line_is_left_out_where_the_document_is_another(world: World, tmp_path: Path) -> None:
    root = PACKAGE.parents[1]
    for name in ("specs", "generated"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.copy(root / "pyproject.toml", tmp_path)
    document = tmp_path / "specs" / "powerofficego-zendesk.rst"
    text = document.read_text(encoding="utf-8")
    page = tmp_path / "audit.html"
    moved = World(sandbox=world.sandbox, folder=tmp_path, environment=world.environment)
    document.write_text(text.replace("Introduction.\n", "\n\nIntroduction.\n"), encoding="utf-8")
    moved.run("audit", "generated/powerofficego_zendesk", "--html", str(page))
    assert "powerofficego-zendesk.rst, line 86" in unpacked(page)
    document.write_text(text.replace("WebsiteUrl", "Website"), encoding="utf-8")
    moved.run("audit", "generated/powerofficego_zendesk", "--html", str(page))
    assert "powerofficego-zendesk.rst" in unpacked(page)
    assert "powerofficego-zendesk.rst, line" not in unpacked(page)


def test_a_page_that_cannot_be_written_is_an_environment_s_fault(world: World) -> None:
    page = world.folder / "no" / "such" / "folder" / "a.html"
    code, _ = world.run("audit", str(PACKAGE), "--html", str(page))
    assert code == 6


def test_a_page_loads_nothing_heavy_where_none_is_asked_for() -> None:
    code = (
        "import sys, specbridge.cli.runs.audit; "
        "print(sorted({'jinja2', 'docutils', 'markupsafe'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
