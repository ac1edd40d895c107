"""Connectors of companies, kept from run to run: a token that lives need not be asked for again."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from specbridge.cli.running import Setup, open_connectors
from specbridge.model.profile import Profile
from specbridge.runtime.records import Connector

MOST = 16
"""Companies whose connectors are kept at most: each holds some connections open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Of what connectors were made; of anything else, others are."""

    environment: Mapping[str, str] = field(repr=False)
    profiles: Mapping[str, Profile]
    url: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    made: _Made
    connectors: Mapping[str, Connector]
    stack: ExitStack


class Shelf:
    """Keeps the connectors of the companies that ran last; for one run at a time."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[str, _Kept] = {}

    @contextmanager
    def lent(self, setup: Setup) -> Iterator[Mapping[str, Connector]]:
        """Give a company's connectors; those of a run that fails are closed, and made anew for the next.

        Raises what open_connectors does.
        """
        kept = self._take(setup)
        try:
            yield kept.connectors
        except BaseException:
            kept.stack.close()
            raise
        self._kept[setup.company.name] = kept
        while len(self._kept) > MOST:
            self.drop(next(iter(self._kept)))

    def drop(self, company: str) -> None:
        """Close a company's."""
        if (kept := self._kept.pop(company, None)) is not None:
            kept.stack.close()

    def clear(self) -> None:
        """Close all."""
        for company in list(self._kept):
            self.drop(company)

    def _take(self, setup: Setup) -> _Kept:
        made = _Made(
            environment=dict(setup.environment),
            profiles=setup.profiles,
            url=setup.url,
            packages=tuple(setup.packages),
        )
        kept = self._kept.get(setup.company.name)
        if kept is not None and kept.made == made:
            return self._kept.pop(setup.company.name)
        self.drop(setup.company.name)
        with ExitStack() as stack:
            connectors = stack.enter_context(open_connectors(setup))
            return _Kept(made, connectors, stack.pop_all())
