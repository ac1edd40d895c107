"""What the pages are made of: documents, packages and profiles, and what is known beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from specbridge.errors import Problem, Severity
from specbridge.model.document import Document
from specbridge.model.resolved import ResolvedPackage, ResolvedSide
from specbridge.pages.documents.facts import Known
from specbridge.pages.documents.lineage import Lineage, Node, trace_lineage
from specbridge.pages.documents.names import bare_name, lineage_names, page_names
from specbridge.pages.documents.words import path_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A problem, and who has chosen to live with it: `the settings`, `a comment`, "" for nobody."""

    problem: Problem
    aside: str = ""

    @property
    def error(self) -> bool:
        """Return whether the problem keeps its document from being generated."""
        return self.problem.severity is Severity.ERROR


@dataclass(frozen=True, kw_only=True)
class Material:
    """All documents of a project, whichever pages are wanted: lineage goes over all packages.

    `shown` is each document's path as it may be named to anybody; `known` are profiles by name, `topics` what
    each problem's code is about; `output` is where the packages are, by the same rule. `wanted` are the paths of the
    documents whose pages are made, `there` the names of the pages that stand already: no link leads to any other.
    """

    documents: tuple[Document, ...]
    packages: tuple[ResolvedPackage, ...]
    told: tuple[Told, ...]
    known: Mapping[str, Known]
    topics: Mapping[str, str]
    shown: Mapping[str, str]
    output: str
    wanted: frozenset[str]
    there: frozenset[str] = frozenset()

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """Return the file name of each document's page, by the document's path."""
        reserved = self.lineage_pages.values()
        return page_names([document.path for document in self.documents], reserved)

    @cached_property
    def lineage_pages(self) -> Mapping[str, str]:
        """Return the file name of each system's lineage, by its profile's name."""
        return lineage_names(sorted({node.system for node in self.lineage.nodes}))

    def page_of(self, path: str) -> str:
        """Return the file name of a document's page, "" where no page of it is made or stands already."""
        name = self.pages.get(path, "")
        return name if path in self.wanted or name in self.there else ""

    @cached_property
    def lineage(self) -> Lineage:
        """Return which property feeds which, by the packages that are generated."""
        return trace_lineage(one for one in self.packages if is_sound(one))

    @cached_property
    def numbers(self) -> Mapping[Node, int]:
        """Return a number for each property of the lineage, by which pages point to it."""
        return {node: number for number, node in enumerate(self.lineage.nodes, 1)}

    @cached_property
    def bare_names(self) -> Mapping[str, str]:
        """Return the bare file name of each document, by its path."""
        return {document.path: bare_name(document.path) for document in self.documents}

    @cached_property
    def full_names(self) -> Mapping[Node, str]:
        """Return each property of the lineage with its system and the kind of its records."""
        return {
            node: f"{self.labels.get(node.system, node.system)} {node.resource}: {path_words(node.path)}"
            for node in self.lineage.nodes
        }

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Return each system's name as people know it, by its profile's name."""
        sides = (side for one in self.packages for side in package_sides(one))
        found = {side.system: side.label or side.system for side in sides}
        named = {
            name: one.profile.labels[0] for name, one in self.known.items() if one.profile.labels
        }
        return {name: named.get(name, label) for name, label in found.items()}

    def told_of(self, document: Document) -> Sequence[Told]:
        """Return the problems of a document, in order."""
        return self._told.get(document.path, ())

    def package_of(self, document: Document) -> ResolvedPackage | None:
        """Return the package that a document makes, alone or with its mirror."""
        return self._packages.get(document.path)

    def documents_of(self, package: ResolvedPackage) -> Sequence[Document]:
        """Return the documents that make a package: one, or two that mirror each other."""
        return self._documents.get(package.name, ())

    @cached_property
    def _told(self) -> Mapping[str, Sequence[Told]]:
        found: dict[str, list[Told]] = {}
        for one in self.told:
            found.setdefault(one.problem.where.path, []).append(one)
        return found

    @cached_property
    def _packages(self) -> Mapping[str, ResolvedPackage]:
        by_name: dict[str, list[ResolvedPackage]] = {}
        for package in self.packages:
            for name in package.documents:
                by_name.setdefault(name, []).append(package)
        found: dict[str, ResolvedPackage] = {}
        for document in self.documents:
            named = by_name.get(bare_name(document.path), [])
            # Two folders may have documents of one name: a package knows its own by their paths.
            own = (one for one in named if len(named) == 1 or document.path in _paths(one))
            for package in (*own, *named[:1]):
                found.setdefault(document.path, package)
        return found

    @cached_property
    def _documents(self) -> Mapping[str, Sequence[Document]]:
        found: dict[str, list[Document]] = {}
        for document in self.documents:
            package = self._packages.get(document.path)
            if package is not None:
                found.setdefault(package.name, []).append(document)
        return found


def is_sound(package: ResolvedPackage) -> bool:
    """Return whether a package may be written: none of its problems is an error."""
    return not any(one.severity is Severity.ERROR for one in package.problems)


def _paths(package: ResolvedPackage) -> frozenset[str]:
    flows = {flow.where.path for flow in package.flows}
    return frozenset(flows | {one.where.path for one in package.problems})


def package_sides(package: ResolvedPackage) -> tuple[ResolvedSide, ...]:
    """Return the sides of all flows of a package."""
    return tuple(side for flow in package.flows for side in (flow.source, flow.target))
