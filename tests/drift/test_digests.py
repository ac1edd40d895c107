"""What a manifest tells of the tools: specbridge's version, and of black its style's year alone."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from specbridge.drift.digests import STYLE, digest_tool
from specbridge.drift.manifest import NAME

from tests.drift.project import start_project

ROOT = Path(__file__).parent.parent.parent
GENERATE = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:]
from importlib.metadata import version
from tests.drift.project import start_project
start_project(Path(sys.argv[1]))
print(version("black"))
"""


def test_the_style_s_year_is_that_of_the_black_that_is_installed() -> None:
    assert version("black").split(".")[0] == str(STYLE - 2000)


def test_two_releases_of_a_year_s_black_give_the_same_manifest(tmp_path: Path) -> None:
    here = start_project(tmp_path / "here").package / NAME
    there = tmp_path / "there"
    folder = there / "black-26.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: black\nVersion: 26.1.0\n")
    done = subprocess.run(
        (sys.executable, "-c", GENERATE, str(there)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "26.1.0\n"
    assert (there / "generated" / "ledgerly_acme" / NAME).read_bytes() == here.read_bytes()


def test_another_version_of_specbridge_is_another_tool(tmp_path: Path) -> None:
    (tmp_path / "specbridge-0.0.1.dist-info").mkdir()
    before = digest_tool()
    sys.path.insert(0, str(tmp_path))
    try:
        assert digest_tool() != before
    finally:
        sys.path.remove(str(tmp_path))
