"""References of a batch of records, as mappers want them: ids of one side to ids of the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from specbridge.model.conversion import ValueType
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.references import Identifier, References


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Both references of a batch: those to the target and those to the source."""

    to_target: References
    to_source: References


class LinkedIds(Mapping[Identifier, Identifier]):
    """Ids of linked records, found whichever way a record writes its reference (5, 5.0 or "5").

    What is found has the type of the ids on the other side.
    """

    def __init__(self, ids: Mapping[str, str], kind: ValueType) -> None:
        """Take ids as text, and the type of those found."""
        self._ids = ids
        self._kind = kind

    def __getitem__(self, identifier: Identifier) -> Identifier:
        """Return the linked record's id; raise KeyError where there is no link."""
        return typed_identifier(self._ids[as_text(identifier)], self._kind)

    def __iter__(self) -> Iterator[Identifier]:
        """Iterate over the known ids, as text."""
        return iter(self._ids)

    def __len__(self) -> int:
        """Return how many ids are known."""
        return len(self._ids)


def typed_identifier(text: str, kind: ValueType) -> Identifier:
    """Return an id as its system's JSON writes it."""
    # `plan` gives the records that it would create ids like new-1, whatever type the API's have.
    return int(text) if kind is ValueType.INTEGER and text.lstrip("-").isdecimal() else text


def make_references(
    links: Mapping[tuple[str, str], Iterable[tuple[str, str]]],
    kinds: Mapping[tuple[str, str], tuple[ValueType, ValueType]],
) -> tuple[References, References]:
    """Return the references to the target and those to the source.

    `links` holds pairs of ids (source's, target's) per pair of resources, `kinds` their types.
    """
    pairs = {key: tuple(found) for key, found in links.items()}
    return (
        {key: LinkedIds(dict(found), kinds[key][1]) for key, found in pairs.items()},
        {
            key: LinkedIds({target: source for source, target in found}, kinds[key][0])
            for key, found in pairs.items()
        },
    )
