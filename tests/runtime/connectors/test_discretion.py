"""What a connector tells is one line, names its system, and holds no secret."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from specbridge.errors import ApiError, MalformedResponseError, RefusedError
from specbridge.runtime.connectors.discretion import discreet
from specbridge.runtime.hiding import Secrets
from specbridge.runtime.records import Finding, Refused, Tombstone


@dataclass
class Told:
    """Yields and raises what it is told to; `closed` once nobody wants more."""

    error: ApiError | None = None
    system: str = "led"
    secrets: Secrets = field(default_factory=lambda: Secrets(["hush-hush"]))
    closed: bool = False

    @discreet
    def tell(self) -> Iterator[object]:
        try:
            yield Refused(key="k", status=422, reason="hush-hush is taken")
            yield Finding(subject="s", well=False, message="found: hush-hush")
            yield Tombstone("hush-hush")
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


def test_refusals_and_findings_hold_no_secret_and_records_are_left_alone() -> None:
    refused, finding, tombstone = Told().tell()
    assert refused == Refused(key="k", status=422, reason="… is taken")
    assert finding == Finding(subject="s", well=False, message="found: …")
    assert tombstone == Tombstone("hush-hush")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MalformedResponseError("led: GET /x: hush-hush"), "led: GET /x: …"),
        (MalformedResponseError("no\n instant"), "led: no instant"),
        (RefusedError("led: GET /x: 400: hush-hush", 400), "led: GET /x: 400: …"),
    ],
)
def test_errors_keep_their_kind_and_lose_the_secret(error: ApiError, expected: str) -> None:
    with pytest.raises(type(error)) as caught:
        list(Told(error).tell())
    assert caught.value is error
    assert str(error) == expected


def test_who_has_enough_closes_what_is_behind() -> None:
    told = Told()
    outcomes = told.tell()
    next(outcomes)
    outcomes.close()
    assert told.closed


def test_what_is_no_error_of_a_system_goes_through() -> None:
    def fail(_self: Told) -> Iterator[object]:
        raise KeyError("hush-hush")

    tell: Callable[[Told], Iterator[object]] = discreet(fail)
    with pytest.raises(KeyError):
        list(tell(Told()))
