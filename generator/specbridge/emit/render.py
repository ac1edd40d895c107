"""Views and templates to formatted text: the only importer of Jinja2 and black.

Our layout writes what black would write (tests/emit/test_laws.py holds it to that), so that black is
loaded and asked only where a line is too long for it, or a template is the project's own.
"""

import re
from collections.abc import Callable, Mapping

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from specbridge.emit.python.layout import WIDTH
from specbridge.emit.templates import read_templates
from specbridge.errors import SettingsError

_UNSPLIT = re.compile(r"""(?:\w+=)?(?:"[^"]*"|'[^']*'),|\s*\"{3}.*\"{3}""")
"""A line that black leaves however long it is: a string, or a docstring, on a line of its own."""


class Renderer:
    """Compiled templates, and the formatting that each module gets.

    Templates can only place what they are given: a check of other people's changes renders theirs.
    """

    def __init__(
        self, templates: Mapping[str, str], format_text: Callable[[str], str] | None = None
    ) -> None:
        """Take the templates' texts by name; `format_text` replaces black, for every module.

        Raises SettingsError where one cannot be parsed.
        """
        self._format = format_text
        # Only ours are laid out as black would: what a project wrote is always formatted.
        ours = read_templates()
        self._own = {name for name, text in templates.items() if text != ours.get(name)}
        self._environment = ImmutableSandboxedEnvironment(
            loader=DictLoader(templates),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # the output is Python, and views give literals
            auto_reload=False,  # texts in memory do not change
        )

    def render(self, template: str, view: object) -> str:
        """Return the module's text for a view, whose fields are the template's names.

        Raises SettingsError where a project's own template is wrong.
        """
        try:
            text = self._environment.get_template(template).render(vars(view))
        except TemplateError as error:
            raise SettingsError(_explain(template, error)) from error
        except Exception as error:
            # A project's own template may do with a value what it cannot, and that raises anything.
            if template not in self._own:
                raise
            raise SettingsError(_explain(template, error)) from error
        if self._format is not None:
            return self._format(text)
        return format_module(text) if template in self._own or not is_settled(text) else text


def is_settled(text: str) -> bool:
    """Return whether a module of our templates is as black has it, without asking black."""
    lines = text.split("\n")
    # Most modules have no long line at all, which is found out much faster than what each line is.
    if len(max(lines, key=len)) <= WIDTH:
        return True
    return all(len(line) <= WIDTH or _UNSPLIT.fullmatch(line.lstrip()) for line in lines)


def format_module(text: str) -> str:
    """Return the text in black's default style, whatever the project's own settings are.

    Raises SettingsError where a project's own template made no Python of it.
    """
    from black import format_file_contents  # noqa: PLC0415 -- most modules do not need it
    from black.mode import Mode, TargetVersion  # noqa: PLC0415
    from black.report import NothingChanged  # noqa: PLC0415

    # Not the project's own line length: the same document gives the same bytes everywhere.
    mode = Mode(target_versions={TargetVersion.PY311})
    try:
        return format_file_contents(text, fast=True, mode=mode)
    except NothingChanged:
        return text
    except ValueError as error:  # black's InvalidInput
        raise SettingsError(f"templates: the rendered module is no Python: {error}") from error


def _explain(template: str, error: Exception) -> str:
    line = getattr(error, "lineno", None)
    place = template if line is None else f"{template}:{line}"
    return f"templates: {place}: {error}"
