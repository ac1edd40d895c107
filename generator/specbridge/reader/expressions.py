"""Data type cells: a function's name, an expression, or `N/A`.

    cell       = "N/A" | expression
    expression = name | "_." | constant | "[" name { "," expression } "]"      (a JSON text)

`"_."` is the value. A bare name where an argument is due, and `[name]`, is that function applied to
the value; where a function wants a pattern, a format or a separator, text is that text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from specbridge.model.conversion import (
    FUNCTIONS,
    Call,
    Conversion,
    Expression,
    FunctionSignature,
    Literal,
    Value,
)
from specbridge.reader.brackets import Budget, nesting_of, restore_brackets
from specbridge.reader.text import fold_blanks
from specbridge.reader.values import TEXT_ARGUMENTS, name_values, quote_values

NOT_STATED = ("N/A", '"N/A"')
MOST_NESTING = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeReading:
    """What a data type cell says; `fault` is the code of what is wrong with it, None for nothing.

    `words` fill the fault's message. A reading may have a fault and a conversion: it was restored.
    """

    conversion: Conversion | None = None
    fault: str | None = None
    words: tuple[tuple[str, str | int], ...] = ()


class UnknownFormError(Exception):
    """A well-formed expression says what the dialect does not know; `args` are code and words."""

    def __init__(self, code: str, **words: str | int) -> None:
        """Keep the code of the problem and the words of its message."""
        super().__init__(code)
        self.code = code
        self.words = tuple(words.items())


def read_type(raw: str, budget: Budget, own: Sequence[str] = ()) -> TypeReading:
    """Return what a data type cell says; `raw` is the cell as it stands, blanks of texts kept.

    `budget` bounds the search for lost brackets; `own` are the names of the row's source property, by
    which the expression may call its value.
    """
    text = raw.strip()
    if not text:
        return TypeReading(fault="W202")
    if fold_blanks(text) in NOT_STATED:
        return TypeReading()
    if text in FUNCTIONS and FUNCTIONS[text].least == 1:
        return _restored(_as_conversion(_apply(text)), "W210")
    quoted = quote_values(text)
    unquoted = ("has lost quotes",) if quoted != text else ()
    try:
        node = _parse_json(quoted)
        named = name_values(node, own)
        conversion = _as_conversion(build_expression(named))
    except UnknownFormError as error:
        return TypeReading(fault=error.code, words=error.words)
    except ValueError:
        return _read_damaged(quoted, budget, own)
    damages = (*unquoted, *(_NAMED if named != node else ()))
    return _restored(conversion, "W203", damages) if damages else TypeReading(conversion=conversion)


def build_expression(node: object) -> Expression:
    """Return the expression that parsed JSON stands for.

    Raises UnknownFormError for a function that is not known, a wrong number of arguments, an object.
    """
    match node:
        case "_.":
            return Value()
        case str() if _is_unary(node) or node == "now":
            return _apply(node)
        case str():
            raise UnknownFormError("W205", unknown=f'the function "{node}"')
        case list():
            return _build_call(node)
        case _:
            raise UnknownFormError("W205", unknown=f"the constant {json.dumps(node)}")


def canonical_text(expression: Expression) -> str:
    """Return the function's name for a function of the value alone, else compact JSON."""
    match expression:
        case Call(function=function, arguments=(Value(),)):
            return function
        case _:
            plain = _as_json(expression)
            return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _parse_json(text: str) -> object:
    """Parse a cell; raises ValueError for what is no JSON, nested too deeply, or no real text."""
    # Before parsing: the parser recurses, and a deep text would end it with RecursionError.
    if nesting_of(text) > MOST_NESTING:
        raise ValueError("nested too deeply")
    # Python's parser takes NaN, Infinity and 1e999, which no JSON that we write may hold.
    node: object = json.loads(
        text, parse_constant=_refuse_constant, parse_float=_parse_float, parse_int=_parse_integer
    )
    json.dumps(node, ensure_ascii=False).encode()  # refuses halves of surrogate pairs
    return node


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _parse_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    # Zero has no sign: -0.0 and 0.0 are one meaning, and equal meanings have equal texts.
    return number or 0.0


def _parse_integer(text: str) -> int:
    # Written out it is no smaller than as 1e999.
    _parse_float(text)
    return int(text)


def _read_damaged(text: str, budget: Budget, own: Sequence[str]) -> TypeReading:
    opened, closed = text.count("["), text.count("]")
    # As many of both: no bracket is lost, something else is wrong.
    if opened == closed or nesting_of(text) > MOST_NESTING:
        return TypeReading(fault="E204")
    found: dict[str, tuple[Conversion, bool]] = {}
    for restored in restore_brackets(text, budget):
        try:
            node = _parse_json(restored)
            named = name_values(node, own)
            conversion = _as_conversion(build_expression(named))
        except (UnknownFormError, ValueError):
            continue
        # By meaning: two ways to put brackets back that mean the same are no doubt.
        found[conversion.text] = conversion, named != node
    if len(found) != 1:
        return TypeReading(fault="E203")
    ((conversion, is_named),) = found.values()
    damages = ("has lost brackets", *(_NAMED if is_named else ()))
    return _restored(conversion, "W203", damages)


_NAMED = ('names the property in place of `"_."`',)


def _restored(conversion: Conversion, code: str, damages: Sequence[str] = ()) -> TypeReading:
    text = conversion.text
    restored = json.dumps(text) if text in FUNCTIONS else text
    words: dict[str, str | int] = {"restored": restored}
    if damages:
        words["damage"] = ", ".join(damages)
    return TypeReading(conversion=conversion, fault=code, words=tuple(words.items()))


def _as_conversion(expression: Expression) -> Conversion:
    return Conversion(text=canonical_text(expression), expression=expression)


def _apply(function: str) -> Call:
    return Call(function, () if FUNCTIONS[function].most == 0 else (Value(),))


def _is_unary(name: str) -> bool:
    """Return whether the name is a function that a single value makes sense for."""
    signature = FUNCTIONS.get(name)
    return signature is not None and signature.least == 1 and signature.most == 1


def _build_call(node: Sequence[object]) -> Expression:
    function, given = (node[0], node[1:]) if node else (None, ())
    if not isinstance(function, str):
        raise UnknownFormError("W205", unknown="a list that begins with no function")
    signature = FUNCTIONS.get(function)
    if signature is None:
        raise UnknownFormError("W205", unknown=f'the function "{function}"')
    if not given and signature.least == 1:
        return _apply(function)
    if not _fits(signature, len(given)):
        raise UnknownFormError(
            "W206", function=function, expected=_expected(signature), count=len(given)
        )
    texts = TEXT_ARGUMENTS.get(function, 0)
    arguments = (_build_argument(argument, index < texts) for index, argument in enumerate(given))
    return Call(function, tuple(arguments))


def _build_argument(node: object, is_text: bool) -> Expression:
    match node:
        case str() if is_text:
            return Literal(node)
        case str() if node == "_." or _is_unary(node) or node == "now":
            return build_expression(node)
        # The dialect does not reach into the value; as mere text it would be written to records.
        case str() if node.startswith("_."):
            raise UnknownFormError("W205", unknown=f'the property "{node}" of the value')
        case None | str() | int() | float():
            return Literal(node)
        case _:
            return build_expression(node)


def _fits(signature: FunctionSignature, count: int) -> bool:
    return count >= signature.least and (signature.most is None or count <= signature.most)


def _expected(signature: FunctionSignature) -> str:
    least, most = signature.least, signature.most
    if most is None:
        return f"at least {least} argument{'s' * (least != 1)}"
    count = str(least) if least == most else f"{least} to {most}"
    return f"{count} argument{'s' * (most != 1)}"


def _as_json(expression: Expression) -> object:
    match expression:
        case Value():
            return "_."
        case Literal(value=value):
            return value
        case Call(function=function, arguments=arguments):
            return [function, *map(_as_json, arguments)]
