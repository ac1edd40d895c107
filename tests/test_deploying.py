"""What docs/deploy hands out is what the tools that read it take."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
UNITS = ("specbridge-worker.service", "specbridge-serve.service")


@pytest.mark.parametrize("name", UNITS)
def test_units_are_sound(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD: units are not verified here")
    # The command must be there to be verified; where a team has it is its own matter.
    command = Path(sys.executable).with_name("specbridge")
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert "/srv/specbridge/.venv/bin/specbridge" in text
    unit = tmp_path / name
    unit.write_text(text.replace("/srv/specbridge/.venv/bin/specbridge", str(command)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if name in line]
    assert told == []


def words_of(command: list[str]) -> list[str]:
    return [word for word in command if word.startswith("--")]


def test_commands_know_the_options_that_are_handed_out() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    commands = [one["command"] for one in composed["services"].values() if "command" in one]
    for name in UNITS:
        (line,) = [
            line
            for line in (DEPLOY / name).read_text().splitlines()
            if line.startswith("ExecStart")
        ]
        commands.append(line.split()[1:])
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "specbridge", command[0], "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert [word for word in words_of(command) if word not in done.stdout] == []


def test_the_services_are_composed_of_one_image_that_the_checkout_builds() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    built = [composed["services"][name]["build"] for name in ("worker", "serve")]
    for one in built:
        context = (DEPLOY / one["context"]).resolve()
        assert context == ROOT
        assert (context / one["dockerfile"]).is_file()
    named = {place for one in composed["services"].values() for place in one.get("secrets", ())}
    assert named == composed["secrets"].keys()


def test_the_image_is_built_and_runs() -> None:
    docker = shutil.which("docker") or "false"
    if subprocess.run([docker, "version"], capture_output=True, check=False).returncode:
        pytest.skip("NO DOCKER: the image is not built here")
    words = ["build", "-q", "-f", str(DEPLOY / "Containerfile"), "-t", "specbridge-test", str(ROOT)]
    subprocess.run([docker, *words], check=True)
    told = subprocess.run(
        [docker, "run", "--rm", "specbridge-test", "worker", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--slots" in told.stdout
