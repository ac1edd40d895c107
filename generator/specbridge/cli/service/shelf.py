"""Connectors of companies, kept from run to run: a token that lives need not be asked for again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from specbridge.cli.running import Setup, make_connectors, shares_limits
from specbridge.model.profile import Profile
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.reports.observing import SILENT
from specbridge.runtime.store.limits.turns import StoreTurns

MOST = 1000
"""Companies whose connectors are kept at most: between runs they hold no connection and no thread."""


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
    connectors: Mapping[str, RestConnector]

    def close(self) -> None:
        for connector in self.connectors.values():
            connector.close()


class Shelf:
    """Keeps the connectors of the companies that ran last; for one run at a time."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[str, _Kept] = {}
        # One for all companies whose limits are in one store: each holds a connection to it.
        self._turns: dict[str, StoreTurns] = {}

    @contextmanager
    def lent(self, setup: Setup) -> Iterator[Mapping[str, RestConnector]]:
        """Give a company's connectors; those of a run that fails are closed, and made anew for the next.

        Raises what make_connectors does.
        """
        kept = self._take(setup)
        try:
            yield kept.connectors
            for connector in kept.connectors.values():
                connector.rest()
        except BaseException:
            kept.close()
            raise
        self._kept[setup.company.name] = kept
        while len(self._kept) > MOST:
            self.drop(next(iter(self._kept)))

    def drop(self, company: str) -> None:
        """Close a company's."""
        if (kept := self._kept.pop(company, None)) is not None:
            kept.close()

    def clear(self) -> None:
        """Close all."""
        for company in list(self._kept):
            self.drop(company)
        for turns in self._turns.values():
            turns.disconnect()

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
        return _Kept(made, make_connectors(setup, SILENT, self._turns_of(setup)))

    def _turns_of(self, setup: Setup) -> StoreTurns | None:
        if not shares_limits(setup):
            return None
        if setup.url not in self._turns:
            self._turns[setup.url] = StoreTurns(setup.url)
        return self._turns[setup.url]
