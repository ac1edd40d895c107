"""A template and a view to one self-contained page; with emit/ the only importer of Jinja2."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from specbridge.pages.embedding import Sends, content_policy
from specbridge.pages.texts import visible
from specbridge.shipped import shipped_folder

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def render_page(
    template: str,
    view: Mapping[str, object],
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    sends: Sends = "nothing",
) -> str:
    """Return a page: a template that extends `page.html.jinja`, with a view's values as its names.

    `styles` and `scripts` are files beside the templates; they follow `page.css`. Every value of the view
    is escaped, whatever it holds. The view needs a `title`.
    """
    style = _style(styles)
    script = "\n".join(_read(name) for name in scripts)
    parts = {
        "style": Markup(style),
        "script": Markup(script),
        "policy": content_policy([style], [script] if script else [], sends),
        # A form tells where it was filled in, which whoever takes it may ask for.
        "referrer": "no-referrer" if sends == "nothing" else "same-origin",
    }
    return _environment().get_template(template).render({**view, **parts})


def names_of(view: "DataclassInstance") -> dict[str, object]:
    """Return the fields of a view as the names that its template knows."""
    return {each.name: getattr(view, each.name) for each in fields(view)}


def page_policy(*styles: str) -> str:
    """Return the Content-Security-Policy of pages with these styles that load scripts, to be sent with them."""
    return f"{content_policy([_style(styles)], [], 'scripts')}; frame-ancestors 'none'"


@lru_cache(maxsize=4)
def script_bytes(name: str) -> bytes:
    """Return a script that lies beside the templates, as it is: for pages that load it, not hold it."""
    return (shipped_folder("templates") / name).read_bytes()


def _style(names: Sequence[str]) -> str:
    return "\n".join(_read(name) for name in ("page.css", *names))


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(shipped_folder("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    # Styles and scripts are ours, and stand as they are written: their digests are in the policy.
    return value if isinstance(value, Markup) else visible(str(value))


@lru_cache(maxsize=16)
def _read(name: str) -> str:
    text = (shipped_folder("templates") / name).read_text(encoding="utf-8")
    # It would end the element that it stands in.
    assert "</style" not in text.lower()
    assert "</script" not in text.lower()
    return text
