"""Why a value could not be converted, without the value: it may be personal data."""

from specbridge.model.values import Json

_KINDS: dict[type, str] = {
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


class ConversionError(ValueError):
    """A value cannot become what the document wants; the record is a dead letter until it changes.

    `path` is the dotted path of the property that was read, `reason` half a sentence.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Keep path and reason; the text of the error joins them."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def refuse(value: Json, wanted: str, at: str) -> ConversionError:
    """Return the error that a value of this kind is not what is wanted, e.g. `an integer`."""
    return ConversionError(at, f"{_KINDS.get(type(value), 'a value')} here is not {wanted}")


def required_text(value: Json, at: str) -> str:
    """Return an argument that must be a text (a format, a separator); else raise ConversionError."""
    if not isinstance(value, str):
        raise refuse(value, "a text", at)
    return value
