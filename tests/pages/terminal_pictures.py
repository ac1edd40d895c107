"""The picture of a run at the terminal in docs/pictures: `python -m tests.pages.terminal_pictures`."""

import io
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from specbridge.sandbox.options import SandboxOptions
from specbridge.sandbox.running import running_sandbox

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "run.svg"
_SCRIPT = Path(sys.executable).with_name("specbridge")
_WIDTH = 100
_COMMANDS = ("sync", "conflicts --all", "audit")
_THEME = TerminalTheme(
    (29, 28, 25),
    (236, 234, 228),
    [
        (40, 38, 34),
        (255, 167, 156),
        (134, 211, 162),
        (236, 192, 108),
        (156, 195, 245),
        (214, 178, 240),
        (140, 210, 214),
        (236, 234, 228),
    ],
)
"""The colours of our pages in the dark: ground, ink, and the eight that a terminal has names for."""

# Rich's own form loads a font from elsewhere; this one takes what the reader has.
_FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="A run at the terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def show(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return what a command prints on a terminal, its progress aside."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [_SCRIPT, *command.split()],
        cwd=folder,
        # As on a machine where it is installed: what it says to do next is then short.
        env={**os.environ, "PATH": f"{_SCRIPT.parent}:{os.environ['PATH']}", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    text = b"".join(_read(ours))
    process.wait()
    return text.decode().replace("\r\n", "\n")


def _read(end: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(end, 65536)
        # What Linux says once nobody writes any more.
        except OSError:
            return
        if not part:
            return
        yield part


def main() -> None:
    """Play the example, and draw what its commands print."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO())
    with tempfile.TemporaryDirectory() as name, running_sandbox(SandboxOptions()) as sandbox:
        folder = Path(name)
        shutil.copytree(ROOT / "docs" / "example" / "specs", folder / "specs")
        shutil.copyfile(ROOT / "docs" / "example" / "pyproject.toml", folder / "pyproject.toml")
        terminal = {"TERM": "xterm-256color", "COLUMNS": str(_WIDTH), "LINES": "200"}
        environment = {**sandbox.environment, **terminal}
        show("generate", folder, environment)
        for command in _COMMANDS:
            console.print(Text(f"$ specbridge {command}", style="bold"))
            console.print(Text.from_ansi(show(command, folder, environment)), highlight=False)
    PICTURE.write_text(
        console.export_svg(title="specbridge", theme=_THEME, code_format=_FORM), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
