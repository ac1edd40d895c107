"""What a description leaves open, for a person to decide."""

from dataclasses import dataclass

from specbridge.model.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A question: what it is about (one word, lower case), and the candidates that were found.

    `resource` is the kind of record concerned, None where the question is of the API as a whole.
    """

    subject: str
    question: str
    found: tuple[str, ...] = ()
    resource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A profile that reads without faults, the questions that it leaves open, and notes of what was left out."""

    profile: Profile
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
