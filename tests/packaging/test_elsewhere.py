"""The installed wheel in a foreign repository: it generates, and what it generates can be imported there."""

import pytest

from tests.packaging.conftest import ROOT, Elsewhere

DOCUMENT = ROOT / "tests" / "packaging" / "ledgerly-acme.rst"
SETTINGS = """\
[tool.specbridge]
documents = ["specs/*.rst"]
"""
MODES = ("prepend", "append", "importlib")
QUIET = ("-q", "-p", "no:cacheprovider")
IMPORT = "from generated.ledgerly_acme.mappers.buyer_to_contact import to_contact"
USE = f"""\
{IMPORT}


def test_a_buyer_becomes_a_contact() -> None:
    contact = to_contact({{"name": "Ola", "credit": "7"}}, {{}})
    assert contact == {{"title": "Ola", "limit": 7}}
"""


@pytest.fixture
def project(elsewhere: Elsewhere) -> Elsewhere:
    """A repository with a document, a `generator.py` of its own, and what was generated."""
    elsewhere.write("pyproject.toml", SETTINGS)
    elsewhere.write("specs/ledgerly-acme.rst", DOCUMENT.read_text(encoding="utf-8"))
    elsewhere.write("generator.py", 'raise SystemExit("this is the repository\'s own")\n')
    elsewhere.write("tests/test_buyers.py", USE)
    done = elsewhere.specbridge("generate")
    assert (done.status, "wrote generated/ledgerly_acme" in done.output) == (0, True), done.output
    return elsewhere


def test_it_is_the_wheel_that_is_tested(elsewhere: Elsewhere) -> None:
    done = elsewhere.run("-c", "import specbridge; print(specbridge.__file__)")
    assert str(elsewhere.python.parent.parent) in done.output
    assert str(ROOT) not in done.output


def test_what_is_generated_can_be_imported_from_the_root(project: Elsewhere) -> None:
    done = project.run("-c", f"{IMPORT}; print(to_contact({{'name': 'Ola'}}, {{}}))")
    assert (done.status, done.output) == (0, "{'title': 'Ola'}\n")


def test_it_comes_as_a_typed_package(project: Elsewhere) -> None:
    assert (project.root / "generated/__init__.py").is_file()
    assert (project.root / "generated/py.typed").is_file()


@pytest.mark.parametrize("package", ["generated.ledgerly_acme", "generated/ledgerly_acme"])
def test_plan_says_that_profiles_are_missing(project: Elsewhere, package: str) -> None:
    done = project.specbridge("plan", package)
    assert done.status == 2
    assert "no profile" in done.output
    assert "No module" not in done.output


@pytest.mark.parametrize("mode", MODES)
def test_python_m_pytest_imports_it(project: Elsewhere, mode: str) -> None:
    done = project.run("-m", "pytest", *QUIET, f"--import-mode={mode}", "tests")
    assert (done.status, "1 passed" in done.output) == (0, True), done.output


@pytest.mark.parametrize("mode", MODES)
def test_pytest_with_a_path_imports_it(project: Elsewhere, mode: str) -> None:
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    # Isolated, Python does not put the working folder on the path, as the command `pytest` does not.
    done = project.run("-I", "-m", "pytest", *QUIET, f"--import-mode={mode}", "tests")
    assert (done.status, "1 passed" in done.output) == (0, True), done.output


def test_mypy_accepts_it(project: Elsewhere) -> None:
    done = project.run("-m", "mypy", "--strict", "tests", "generated")
    assert (done.status, "no issues found" in done.output) == (0, True), done.output


def test_pyright_accepts_it(project: Elsewhere) -> None:
    project.write("pyrightconfig.json", '{"typeCheckingMode": "strict"}\n')
    done = project.run("-m", "basedpyright", "--pythonpath", str(project.python))
    assert (done.status, "0 errors" in done.output) == (0, True), done.output


def test_a_check_finds_no_drift(project: Elsewhere) -> None:
    assert project.specbridge("check").status == 0


def test_the_example_and_the_pages_ship(elsewhere: Elsewhere) -> None:
    program = (
        "from specbridge.shipped import shipped_folder as f; print(f('example'), f('problems'))"
    )
    done = elsewhere.run("-c", program)
    assert done.status == 0, done.output
    assert all(str(elsewhere.python.parent.parent) in path for path in done.output.split())
