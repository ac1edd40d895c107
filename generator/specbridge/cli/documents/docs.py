"""`docs`: pages about documents for a browser, and the index over all packages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.documents.explain import list_titles
from specbridge.cli.documents.task import plan_documents
from specbridge.cli.printing import print_json
from specbridge.errors import SettingsError
from specbridge.suggesting import suggest

if TYPE_CHECKING:
    from specbridge.api import Reading, Task
    from specbridge.model.profile import Profile
    from specbridge.pages.documents.facts import Known
    from specbridge.pages.documents.material import Material, Told


@click.command(
    epilog="Examples: `specbridge docs --out site`, "
    "`specbridge docs generated/powerofficego_zendesk --out site`."
)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the pages; made where there is none.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def docs(packages: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Write a page per document, an index and the lineage of all properties.

    For the documents of PACKAGE, or all. A page has flows, link rules, rows, problems and what the APIs
    make of them; none needs a server or the network. Nothing is written unless all is, and no file that
    is not a page of ours is touched.
    """
    from specbridge.cli.documents.publishing import pages_there, write_site
    from specbridge.pages.documents.site import render_site

    task = plan_documents(())
    material = _gather(task, packages, pages_there(out))
    pages = render_site(material)
    removed = write_site(out, pages, whole=not packages)
    if as_json:
        print_json({"written": [str(out / name) for name in pages], "removed": list(removed)})
        return
    click.echo(f"wrote {len(pages)} pages; the first is {out / 'index.html'}")
    for path in removed:
        click.echo(f"removed {path}")


def _gather(task: "Task", wanted: Sequence[str], there: frozenset[str]) -> "Material":
    from specbridge.api import read_task
    from specbridge.pages.documents.material import Material
    from specbridge.profiles.load import built_in_texts, load_profiles

    root, built_in = task.settings.root, built_in_texts()
    reading = read_task(task)
    profiles = load_profiles(task.settings.profile_paths)
    return Material(
        documents=reading.documents,
        packages=reading.packages,
        told=_tell(task, reading, profiles),
        known={name: _known(profile, root, built_in) for name, profile in profiles.items()},
        topics=list_titles(),
        shown={one.path: _shown(Path(one.path), root) for one in reading.documents},
        output=_shown(task.output, root),
        wanted=frozenset(_find_wanted(reading, wanted)),
        there=there,
    )


def _find_wanted(reading: "Reading", wanted: Sequence[str]) -> Sequence[str]:
    """Return the paths of the documents of the packages that are named, of all where none is."""
    if not wanted:
        return [one.path for one in reading.documents]
    return [path for word in wanted for path in _documents_of(reading, word)]


def _documents_of(reading: "Reading", word: str) -> Sequence[str]:
    # A package's name or its folder, as the commands that run one take it; or its document.
    name = Path(word).name
    for package in reading.packages:
        if name == package.name or name in package.documents:
            return [
                one.path for one in reading.documents if Path(one.path).name in package.documents
            ]
    names = [package.name for package in reading.packages]
    raise SettingsError(f"{word}: no document makes such a package; {suggest(name, names)}")


def _tell(
    task: "Task", reading: "Reading", profiles: Mapping[str, "Profile"]
) -> tuple["Told", ...]:
    """Return all problems, those too that people have chosen to live with."""
    from specbridge.pages.documents.material import Told
    from specbridge.resolve.lint import lint_packages
    from specbridge.telling import is_ignored, without_ignored

    found = lint_packages(reading.packages, profiles, task.settings)
    commented = {id(one) for one in found}
    commented -= {id(one) for one in without_ignored(found, reading.documents)}
    told = []
    for one in found:
        settings = "the settings" if is_ignored(one, task.settings) else ""
        aside = "a comment in the document" if id(one) in commented else settings
        told.append(Told(problem=one, aside=aside))
    return tuple(told)


def _known(profile: "Profile", root: Path, built_in: Mapping[str, str]) -> "Known":
    from specbridge.pages.documents.facts import Known
    from specbridge.pages.documents.remarks import find_remarks
    from specbridge.profiles.load import read_text
    from specbridge.profiles.notes import profile_notes

    ours = built_in.get(profile.path)
    text = read_text(Path(profile.path)) if ours is None else ours
    return Known(
        profile=profile,
        source=profile.path if ours is not None else _shown(Path(profile.path), root),
        remarks=find_remarks(profile, text),
        notes=tuple(profile_notes(profile)),
    )


def _shown(path: Path, root: Path) -> str:
    """Return a path as a page may name it: from the project's root, or bare; never whose machine it is on."""
    full, base = path.absolute(), root.absolute()
    return full.relative_to(base).as_posix() if full.is_relative_to(base) else path.name
