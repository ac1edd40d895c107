"""Views and templates to formatted text: the only importer of Jinja2 and black."""

from collections.abc import Callable, Mapping

from black import format_file_contents
from black.mode import Mode, TargetVersion
from black.report import NothingChanged
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError

from generator.errors import SettingsError

MODE = Mode(target_versions={TargetVersion.PY311})
"""black's default style: generated code looks the same whatever the project's own settings are."""


class Renderer:
    """Compiled templates, and the formatting that each module gets."""

    def __init__(
        self, templates: Mapping[str, str], format_text: Callable[[str], str] | None = None
    ) -> None:
        """Take the templates' texts by name; `format_text` replaces black (for measurements)."""
        self._format = format_text or format_module
        self._environment = Environment(
            loader=DictLoader(templates),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # the output is Python, and views give literals
        )

    def render(self, template: str, view: object) -> str:
        """Return the module's text for a view.

        Raises SettingsError where a project's own template is wrong.
        """
        try:
            text = self._environment.get_template(template).render(view=view)
        except TemplateError as error:
            raise SettingsError(f"templates: {template}: {error}") from error
        return self._format(text)


def format_module(text: str) -> str:
    """Return the text as black has it; our templates aim at text that black leaves as it is."""
    try:
        return format_file_contents(text, fast=True, mode=MODE)
    except NothingChanged:
        return text
    except ValueError as error:  # black's InvalidInput: only a project's own template gets here
        raise SettingsError(f"templates: the rendered module is no Python: {error}") from error
