"""What a connector tells: every failure, refusal and finding leaves it here, without its secrets."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from msgspec import structs

from specbridge.errors import ApiError
from specbridge.runtime.hiding import Secrets
from specbridge.runtime.records import Finding, Refused

Given = ParamSpec("Given")
TellerT = TypeVar("TellerT", bound="Teller")
ValueT = TypeVar("ValueT")


class Teller(Protocol):
    """Who tells: the name of its system, and what it keeps to itself."""

    system: str
    secrets: Secrets


def discreet(
    method: Callable[Concatenate[TellerT, Given], Iterator[ValueT]],
) -> Callable[Concatenate[TellerT, Given], Generator[ValueT, None, None]]:
    """Make a method that yields values tell no secret: in what it yields, and in what it raises.

    Its ApiErrors are one line, and name the system.
    """

    @wraps(method)
    def tell(
        teller: TellerT, /, *given: Given.args, **named: Given.kwargs
    ) -> Generator[ValueT, None, None]:
        return _tell(teller.system, teller.secrets, method(teller, *given, **named))

    return tell


def _tell(system: str, secrets: Secrets, values: Iterator[ValueT]) -> Generator[ValueT, None, None]:
    try:
        for value in values:
            yield _hide(secrets, value)
    except ApiError as error:
        text = secrets.hide(" ".join(str(error).split()))
        # Changed in place: callers go by the kind of error, and by its status.
        error.args = (text if text.startswith(system) else f"{system}: {text}",)
        raise
    finally:
        # Whoever has enough closes what this goes through; nothing more is begun then.
        if isinstance(values, Generator):
            values.close()


def _hide(secrets: Secrets, value: ValueT) -> ValueT:
    if isinstance(value, Refused):
        return structs.replace(value, reason=secrets.hide(value.reason))
    if isinstance(value, Finding):
        return replace(value, message=secrets.hide(value.message))
    return value
