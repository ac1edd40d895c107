"""How commands end and what they print: the page of exit codes, signals, streams, logs, versions of JSON."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import structlog
from specbridge import errors
from specbridge.cli import ending
from specbridge.cli.logs import configure_logs
from specbridge.cli.streams import calm
from specbridge.errors import SpecbridgeError
from specbridge.runtime.reports.audit_junit import write_junit
from specbridge.runtime.reports.audit_report import AuditReport, Example, Statement
from specbridge.runtime.reports.observing import Observer
from specbridge.runtime.reports.report import RunOutcome

from tests.cli.test_documents import run, write
from tests.drift.project import DOCUMENT

PAGE = Path(__file__).parents[2] / "docs/exit-codes.md"
STATED = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", PAGE.read_text(encoding="utf-8"))}


def subclasses(root: type[SpecbridgeError]) -> Iterator[type[SpecbridgeError]]:
    for one in root.__subclasses__():
        yield one
        yield from subclasses(one)


def test_the_page_has_every_exit_code_and_no_other() -> None:
    codes = {one.exit_code for one in subclasses(SpecbridgeError)}
    codes |= {one.exit_code for one in RunOutcome}
    codes |= {128 + signal.SIGINT, 128 + signal.SIGTERM, ending.ENVIRONMENT, ending.FAULT}
    # Of no exception: drift, differences, and warnings of `lint --strict`.
    assert {*codes, 1} == STATED


def test_no_exception_ends_with_1() -> None:
    assert 1 not in {one.exit_code for one in subclasses(SpecbridgeError)}
    assert errors.StorePlaceError.exit_code == errors.SurroundingsError.exit_code == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_has_its_exit_code(number: signal.Signals) -> None:
    start = (
        # Whoever runs the tests in the background may have left SIGINT ignored, which is inherited.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "import sys, time, specbridge.cli.documents.explain as e; "
        "e.shipped_folder = lambda name: (print('here', flush=True), time.sleep(60)); "
        "from specbridge.cli.main import main; main(['explain'])"
    )
    process = subprocess.Popen(
        (sys.executable, "-c", start), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\u001b[2J"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b1A", "\\u009b1A"),
        ("a\rb\x08", "a\\u000db\\u0008"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\x1b[31mred\x1b[0m\n\tå\xa0", "\x1b[31mred\x1b[0m\n\tå\xa0"),
    ],
)
def test_what_is_printed_moves_no_cursor(text: str, shown: str) -> None:
    assert calm(text) == shown


@pytest.mark.parametrize("words", ["inspect specs", "lint specs", "check specs", "nope\x1b[2J"])
def test_nothing_of_a_document_or_a_word_reaches_the_terminal(words: str, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    write(
        tmp_path, DOCUMENT.replace("home.city", "home.\x9bcity\u202e").replace("Buyer", "B\x1b[2Jr")
    )
    done = run(tmp_path, *words.split(" "))
    printed = (done.stdout + done.stderr).replace("\n", "")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", printed)


@pytest.mark.parametrize(
    "words", ["check", "lint", "inspect specs", "diff specs specs", "generate"]
)
def test_json_says_its_version(words: str, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    write(tmp_path, DOCUMENT)
    assert json.loads(run(tmp_path, *words.split(), "--json").stdout)["schema_version"] == 1


@pytest.mark.parametrize("style", ["text", "json"])
def test_requests_are_logged_without_what_they_hold(
    style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(2, style)
    with Observer(logged=True).request("books", "GET", "/Buyers/{id}") as exchange:
        exchange.status = 200
    line = capsys.readouterr().err
    structlog.reset_defaults()
    if style == "json":
        told = json.loads(line)
        assert (told["event"], told["method"], told["status"]) == ("request", "GET", 200)
        assert told["route"] == "/Buyers/{id}"
    else:
        assert "/Buyers/{id}" in line


def test_junit_is_well_formed_whatever_a_record_holds() -> None:
    odd = "a\x00b\x1b\x9b\ud800\ufffe<&>]]>\u2028"
    statement = Statement(
        flow=odd, kind="property", text=odd, checked=2, holds=1, fails=1, held=False,
        examples=(Example(source=odd, target=None),),
    )  # fmt: skip
    text = write_junit(AuditReport(package=odd, statements=(statement,)))
    found = ElementTree.fromstring(text.encode("utf-8"))
    assert found.attrib["name"].startswith("a\\u0000b")


def test_a_folder_is_as_good_as_its_documents(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    write(tmp_path, DOCUMENT)
    assert run(tmp_path, "generate", "specs").returncode == 0
    for command in ("check", "lint", "inspect"):
        whole, named = (
            run(tmp_path, command, place) for place in ("specs", "specs/ledgerly-acme.rst")
        )
        # What is next names what was given.
        told = named.stdout.replace("specs/ledgerly-acme.rst\n", "specs\n")
        assert (whole.returncode, whole.stdout) == (named.returncode, told)
