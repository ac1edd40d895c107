"""A composite action's own steps, carried out as a runner of GitHub's does it; steps of other actions are left out."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_NAME = re.compile(r"[a-z]+(?:\.[\w-]+)+")
_SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


@dataclass
class Runner:
    """One job's step that uses the action: `context` holds what expressions name, dotted.

    `folder` is the checkout of the repository that uses it, `action` that of the action itself.
    """

    action: Path
    folder: Path
    room: Path
    environment: Mapping[str, str]
    context: dict[str, str]
    log: str = ""
    used: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """Return the job's summary."""
        return (self.room / "summary.md").read_text(encoding="utf-8")

    def run(self, **inputs: str) -> int:
        """Carry the steps out, and return the exit code of the first that fails, else 0."""
        stated = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        for name, one in stated["inputs"].items():
            given = inputs.get(name.replace("-", "_"), self._filled(one["default"]))
            self.context[f"inputs.{name}"] = given
        self.context["runner.temp"] = str(self.room)
        for step in stated["runs"]["steps"]:
            if not self._wanted(step.get("if", "true")):
                continue
            if "uses" in step:
                self.used.append(step["uses"])
            elif status := self._run(step):
                return status
        return 0

    def _run(self, step: Mapping[str, Any]) -> int:
        assert "${{" not in step["run"], "a script must not hold what comes from outside"
        outputs = self.room / "outputs"
        outputs.write_text("", encoding="utf-8")
        own = {
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_STEP_SUMMARY": str(self.room / "summary.md"),
            "GITHUB_OUTPUT": str(outputs),
            "RUNNER_TEMP": str(self.room),
            **{name: self._filled(text) for name, text in step.get("env", {}).items()},
        }
        script = self.room / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            [*_SHELL, str(script)],
            cwd=self.folder / self._filled(step.get("working-directory", ".")),
            env={**self.environment, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log += done.stdout
        for line in outputs.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.context[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.context.get(found[1], ""), text)

    def _wanted(self, condition: str) -> bool:
        """Return what a condition of `==`, `!=` and `&&` comes to."""
        bare = _EXPRESSION.sub(r"\1", condition)
        parts = [self._compared(part) for part in bare.split("&&")]
        return all(parts)

    def _compared(self, part: str) -> bool:
        if part.strip() == "true":
            return True
        left, operator, right = part.split()
        assert _NAME.fullmatch(left)
        equal = self.context.get(left, "") == right.strip("'")
        return equal if operator == "==" else not equal


def environment_of(python: Path, more: Mapping[str, str], *, before: Path) -> dict[str, str]:
    """Return a runner's environment: the Python that was set up first in its path, then `before`."""
    path = os.pathsep.join((str(before), str(python.parent), os.environ["PATH"]))
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), **more}
