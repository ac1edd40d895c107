"""`specbridge docs`: a page per document, an index and a lineage, without a server or the network."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from specbridge.cli.main import main

from tests.drift.project import DOCUMENT

ROOT = Path(__file__).parent.parent.parent
# A system of the first pair and a third one: values go through it.
OTHER = (
    DOCUMENT.replace("Ledgerly", "Globex")
    .replace("Acme Contact", "Ledgerly Buyer")
    .replace("Acme", "Ledgerly")
    .replace("- title", "- name")
)
BROKEN = DOCUMENT.replace('     - "string"', '     - "if", "eq"]]"', 1)
SETTINGS = '[tool.specbridge]\noutput = "made"\nignore = ["W303"]\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "specs").mkdir()
    write(tmp_path, "ledgerly-acme.rst", DOCUMENT)
    write(tmp_path, "globex-ledgerly.rst", OTHER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / "specs" / name).write_text(text, encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["docs", *words], catch_exceptions=True)


def page(root: Path, name: str) -> str:
    return (root / "site" / name).read_text(encoding="utf-8")


class Links(HTMLParser):
    """Collects where a page leads, what it can be led to, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.hrefs += [found["href"]] if "href" in found else []
        self.ids += [found["id"]] if "id" in found else []
        self.loaded += [found[name] for name in ("src", "srcset", "data") if name in found]


def test_pages_lead_to_each_other_and_load_nothing(project: Path) -> None:
    done = run("--out", "site")
    assert done.exit_code == 0, done.output
    assert "wrote 7 pages; the first is site/index.html" in done.output
    links = {path.name: Links(path.read_text("utf-8")) for path in Path("site").glob("*.html")}
    assert set(links) == {
        "index.html",
        "lineage.html",
        "lineage-acme.html",
        "lineage-globex.html",
        "lineage-ledgerly.html",
        "ledgerly-acme.html",
        "globex-ledgerly.html",
    }
    for name, found in links.items():
        assert found.loaded == []
        assert len(set(found.ids)) == len(found.ids), name
        for href in found.hrefs:
            file, _, anchor = href.partition("#")
            there = links[file or name]
            assert not anchor or anchor in there.ids, (name, href)


def test_a_page_says_what_its_document_says(project: Path) -> None:
    run("--out", "site")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page(project, "ledgerly-acme.html")))
    assert "Ledgerly Buyer to Acme Contact" in text
    assert "1 of 2 rows that feed it: the first that is not empty is written" in text
    assert (
        "For a record of Ledgerly Shop that matches none, a record of Acme Branch is created."
        in text
    )
    # The lineage goes on into the other package: what Acme has as a title Globex has, too.
    assert "globex-ledgerly.rst:" in text
    assert str(project) not in page(project, "ledgerly-acme.html")


def test_a_document_with_errors_has_a_page_that_says_them(project: Path) -> None:
    write(project, "ledgerly-acme.rst", BROKEN)
    done = run("--out", "site")
    assert done.exit_code == 0, done.output
    text = page(project, "ledgerly-acme.html")
    assert "E203" in text
    assert "Nothing is generated from it" in text
    assert "Set aside by the settings" in text  # W303


def test_one_package_is_written_beside_those_that_are_there(project: Path) -> None:
    assert run("made/ledgerly_acme", "--out", "site").exit_code == 0
    assert not Path("site/globex-ledgerly.html").exists()
    # No link leads to a page that is not there.
    assert 'href="globex-ledgerly.html' not in page(project, "index.html")
    assert run("globex-ledgerly.rst", "--out", "site").exit_code == 0
    assert 'href="ledgerly-acme.html' in page(project, "index.html")
    write(project, "globex-ledgerly.rst", "")
    Path("specs/globex-ledgerly.rst").unlink()
    done = run("--out", "site", "--json")
    gone = ["site/globex-ledgerly.html", "site/lineage-globex.html"]
    assert json.loads(done.stdout)["removed"] == gone
    assert not Path("site/globex-ledgerly.html").exists()


def test_a_package_that_there_is_not_is_told(project: Path) -> None:
    done = run("made/ledgerly_acne", "--out", "site")
    assert "did you mean ledgerly_acme?" in done.output
    assert not Path("site").exists()


def test_the_same_documents_make_the_same_pages(project: Path) -> None:
    run("--out", "site")
    before = {path.name: path.read_bytes() for path in Path("site").iterdir()}
    run("--out", "site")
    assert {path.name: path.read_bytes() for path in Path("site").iterdir()} == before


def test_documents_of_one_name_have_pages_of_their_own(project: Path) -> None:
    (project / "more").mkdir()
    (project / "more/ledgerly-acme.rst").write_text(DOCUMENT, encoding="utf-8")
    settings = SETTINGS + 'documents = ["specs/*.rst", "more/*.rst"]\n'
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert run("--out", "site").exit_code == 0
    texts = [page(project, name) for name in ("ledgerly-acme.html", "ledgerly-acme_2.html")]
    assert sum("Ledgerly Buyer to Acme Contact" in text for text in texts) == 1
    assert sum("E302" in text for text in texts) == 1


def test_the_project_s_own_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run("--out", str(tmp_path / "site")).exit_code == 0
    text = page(tmp_path, "powerofficego-zendesk.html")
    assert "zendesk.toml:" in text
    assert "The record&#39;s own API address, not a web site." in text
    assert "set on creation, never changed after" in text
    assert "200 requests in 60 s for all requests" in text
    # Mirrors tell the same on both pages, each with its own lines.
    mirror = page(tmp_path, "powerofficego-hubspot.html")
    assert 'Its mirror is <a href="hubspot-powerofficego.html">' in mirror
    assert "of hubspot-powerofficego.rst" in mirror
    assert mirror.count("What is kept equal</h4>") == page(
        tmp_path, "hubspot-powerofficego.html"
    ).count("What is kept equal</h4>")
