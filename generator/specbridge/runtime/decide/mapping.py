"""Calling mappers: a record of a shape that no mapper takes is a record's failure, not the run's."""

from collections.abc import Callable, Mapping
from traceback import walk_tb

from specbridge.model.values import Json
from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.flow import LinkKeys
from specbridge.runtime.references import References

Properties = Mapping[str, Json]
Mapper = Callable[[Properties, References], Properties]

_SHAPE_ERRORS = (TypeError, AttributeError, LookupError, ValueError, ArithmeticError)


def map_record(mapper: Mapper, record: Properties, references: References) -> Properties:
    """Return what a mapper makes of a record.

    Raises ConversionError, which names the mapper's function and no value, where the record has a
    shape that the mapper cannot work with: a text where an object should be, say.
    """
    try:
        return mapper(record, references)
    except ConversionError:
        # A ValueError as well, which says more than a shape error would.
        raise
    except _SHAPE_ERRORS as error:
        raise _shape_error(mapper, error) from None


def make_keys(maker: Callable[[Properties], LinkKeys], record: Properties) -> LinkKeys:
    """Return a record's link keys; raises ConversionError as map_record does."""
    try:
        return maker(record)
    except ConversionError:
        raise
    except _SHAPE_ERRORS as error:
        raise _shape_error(maker, error) from None


def _shape_error(function: object, error: BaseException) -> ConversionError:
    # The error's own text may quote a value.
    where = f"{getattr(function, '__name__', 'the mapper')}, line {_last_line(error)}"
    reason = f"the record is not of the shape that the document says ({type(error).__name__})"
    return ConversionError(where, reason)


def _last_line(error: BaseException) -> int:
    """Return the line on which the function failed, 0 where it was called wrongly."""
    last = [line for _, line in walk_tb(error.__traceback__)][-1:]
    return last[0] if last else 0
