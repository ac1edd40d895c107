"""The examples of docs/generated-code.md run, and its table names every function."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TypedDict

import pytest
from specbridge.emit.render import Renderer
from specbridge.emit.templates import read_templates
from specbridge.emit.views.package import view_room
from specbridge.errors import SettingsError
from specbridge.model.conversion import FUNCTIONS
from specbridge.shipped import shipped_folder

from tests.emit.build import flow, package, row, side
from tests.emit.load import load_flow

PAGE = Path(__file__).parent.parent.parent / "docs" / "generated-code.md"


def test_the_mapper_example_runs() -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    assert callable(names["to_organizations"])


def test_every_function_is_described() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")
    ]
    described = {name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    assert set(FUNCTIONS) <= described


class Tracked(TypedDict, total=False):
    """What the records of the page's team share."""

    etag: str


def own_template() -> str:
    """Return our mapper's template with what the page says that a team changes."""
    added, own_class = re.findall(r"```jinja\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    text = (shipped_folder("templates") / "mapper.py.jinja").read_text("utf-8")
    after = "from specbridge.runtime.flow import LinkKeys\n"
    replaced = "class {{ name }}(TypedDict, total=False):\n"
    assert text.count(after) == text.count(replaced) == 1
    return text.replace(after, after + added).replace(replaced, own_class)


def test_a_team_s_own_template_gives_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = ModuleType("acme.records")
    records.Tracked = Tracked  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "acme", ModuleType("acme"))
    monkeypatch.setitem(sys.modules, "acme.records", records)
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "mapper.py.jinja").write_text(own_template(), "utf-8")
    one = flow(side("Buyer"), side("Contact"), [row("Name", "name")])
    mapper = load_flow(one, tmp_path / "made", renderer=Renderer(read_templates(folder)))
    assert mapper.to_target({"Name": "Salg"}, {}) == {"name": "Salg"}
    source = (Path(str(mapper.module.__file__)).parent / "mappers" / "a_to_b.py").read_text("utf-8")
    assert "class Buyer(Tracked, total=False):" in source
    assert '"""A record as our integrations see it; every key may be absent."""' in source


def test_a_team_s_template_includes_its_own_parts(tmp_path: Path) -> None:
    (tmp_path / "room.py.jinja").write_text('{% include "head.jinja" %}\nOURS = 1\n', "utf-8")
    (tmp_path / "head.jinja").write_text('"""{{ summary }}"""\n', "utf-8")
    templates = read_templates(tmp_path)
    text = Renderer(templates).render("room.py.jinja", view_room("The mappers", package()))
    assert text == '"""The mappers of a-b.rst."""\n\nOURS = 1\n'


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ cycler.__init__.__globals__.os.getcwd() }}",
        "{{ summary.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ summary.format.__globals__ }}",
        "{{ '{0.__class__}'.format(summary) }}",
        "{% for x in range(10000000) %}{% endfor %}",
        "{{ 1 / 0 }}",
        "{{ summary + 1 }}",
        "{% include '/etc/hostname' %}",
        "{% include '../../pyproject.toml' %}",
        "{% for a, b in summary %}{% endfor %}",
        "{% if %}",
        "{{ unknown }}",
    ],
)
def test_a_template_can_place_what_it_is_given_and_nothing_else(
    hostile: str, tmp_path: Path
) -> None:
    (tmp_path / "room.py.jinja").write_text(f'"""{hostile}"""', "utf-8")
    with pytest.raises(SettingsError, match=r"^templates: room\.py\.jinja") as caught:
        Renderer(read_templates(tmp_path)).render("room.py.jinja", view_room("x", package()))
    assert "\n" not in str(caught.value)
