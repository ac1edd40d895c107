"""What generated mappers call: the functions of documents' data types over JSON values.

Values are as JSON carries them; dates and instants are ISO 8601 texts. None passes through every
conversion as None, and an empty text becomes None where a number, a boolean or an instant is wanted.
Nothing here reads or writes anything, `now` aside, which reads the clock. docs/generated-code.md
describes each function.
"""

from specbridge.model.values import Json
from specbridge.runtime.conversions.datetimes import (
    datetime_difference,
    format_datetime,
    now,
    parse_datetime,
)
from specbridge.runtime.conversions.failures import ConversionError
from specbridge.runtime.conversions.logic import (
    empty_to_none,
    equal,
    greater,
    if_null,
    is_boolean,
    is_decimal,
    is_empty,
    is_true,
)
from specbridge.runtime.conversions.scalars import (
    absolute,
    to_boolean,
    to_decimal,
    to_float,
    to_integer,
    to_string,
)
from specbridge.runtime.conversions.texts import (
    cut,
    elements,
    first,
    join,
    link_key,
    listed,
    matches,
    replace,
    split,
    to_list,
)

__all__ = [
    "ConversionError",
    "Json",
    "absolute",
    "cut",
    "datetime_difference",
    "elements",
    "empty_to_none",
    "equal",
    "first",
    "format_datetime",
    "greater",
    "if_null",
    "is_boolean",
    "is_decimal",
    "is_empty",
    "is_true",
    "join",
    "link_key",
    "listed",
    "matches",
    "now",
    "parse_datetime",
    "replace",
    "split",
    "to_boolean",
    "to_decimal",
    "to_float",
    "to_integer",
    "to_list",
    "to_string",
]
