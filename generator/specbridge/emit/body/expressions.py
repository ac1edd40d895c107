"""Conversions as typed Python expressions: the value itself, operators, or calls into the runtime."""

from collections.abc import Callable
from typing import NamedTuple

from specbridge.emit.python.layout import Node, call, one_line
from specbridge.emit.python.literals import literal, type_of
from specbridge.model.conversion import Call, Expression, Literal, Value

ATOM, COMPARISON, NOT, AND, OR, CONDITIONAL = range(6)
"""How loosely an expression binds: what stands inside a tighter one needs parentheses."""

CALLS: dict[str, tuple[str, str]] = {
    "string": ("to_string", "str"),
    "integer": ("to_integer", "int"),
    "float": ("to_float", "float"),
    "decimal": ("to_decimal", "float"),
    "boolean": ("to_boolean", "bool"),
    "list": ("to_list", "list[Json]"),
    "first": ("first", "Json"),
    "abs": ("absolute", "float"),
    "gt": ("greater", "bool"),
    "is-empty": ("is_empty", "bool"),
    "is-decimal": ("is_decimal", "bool"),
    "is-boolean": ("is_boolean", "bool"),
    "matches": ("matches", "bool"),
    "replace": ("replace", "str"),
    "split": ("split", "list[Json]"),
    "join": ("join", "str"),
    "slice": ("cut", "list[Json]"),
    "datetime-format": ("format_datetime", "str"),
    "datetime-parse": ("parse_datetime", "str"),
    "datetime-diff": ("datetime_difference", "int"),
    "now": ("now", "str"),
}
"""Functions of documents that are calls into specbridge.runtime.conversions, and their results' types.
The others (if, if-null, and, or, not, eq, neq, is-null) are operators of Python."""

SURE = frozenset({"first", "list", "is-empty", "is-decimal", "is-boolean", "matches", "now"})
"""Calls that cannot fail, and so need not know which property they work for."""

_PREDICATES = frozenset({"gt", "is-empty", "is-decimal", "is-boolean", "matches"})

_TRIES = frozenset({"is-decimal", "is-boolean"})
"""Predicates over what may fail to convert: documents ask by them whether it can."""

# Not `list`: systems send a single value where they promise a list, and that is its one item.
_SAME: dict[str, frozenset[str]] = {
    "string": frozenset({"str"}),
    "integer": frozenset({"int"}),
    "float": frozenset({"float"}),
    "decimal": frozenset({"float", "int"}),
    "boolean": frozenset({"bool"}),
}
_JSON = frozenset({"str", "int", "float", "bool", "Identifier", "list[Json]", "dict[str, Json]"})


class Typed(NamedTuple):
    """A Python expression: its source, its type (None aside), and how loosely it binds.

    `certain` says that the value is never None; `type` is empty for the constant None.
    """

    node: Node
    type: str
    binding: int = ATOM
    certain: bool = False


def compile_expression(expression: Expression, value: Typed, at: str) -> Typed:
    """Return the expression over `value`; `at` is the literal that names the property in errors."""
    match expression:
        case Value():
            return value
        case Literal(value=constant):
            type_ = "" if constant is None else type_of(constant)
            return Typed(node=literal(constant), type=type_, certain=constant is not None)
        case Call(function=name):
            if name in _OPERATORS:
                return _OPERATORS[name](expression, value, at)
            return _call(expression, value, at)


def keeps_value(expression: Expression, type_: str) -> bool:
    """Return whether an expression gives every value of a type as it is, as most rows' do."""
    match expression:
        case Call(function=name, arguments=(Value(),)):
            return name in _SAME and type_ in _SAME[name]
        case _:
            return isinstance(expression, Value)


def needs_binding(expression: Expression) -> bool:
    """Return whether the value is used several times or in a lambda, so that it needs a name."""
    return _uses(expression) > 1 or _has_lambda(expression)


def take_as_list(expression: Expression, *, given: bool = True) -> Expression:
    """Return an expression over a list in which a single value, if one comes, is the list's one item.

    Functions that take either see to that themselves: what does not is the value that is `given` as
    it is, and the one that is sliced.
    """
    match expression:
        case Value():
            return Call("list", (expression,)) if given else expression
        case Call("if", (test, *branches)):
            chosen = (take_as_list(one, given=given) for one in branches)
            return Call("if", (take_as_list(test, given=False), *chosen))
        case Call("if-null" | "slice" as name, arguments):
            sliced = given or name == "slice"
            return Call(name, tuple(take_as_list(one, given=sliced) for one in arguments))
        case Call(name, arguments):
            return Call(name, tuple(take_as_list(one, given=False) for one in arguments))
        case _:
            return expression


def assignable(type_: str, declared: str) -> bool:
    """Return whether a value of a type fits a property of the declared type, as type checkers see it."""
    if type_ in (declared, "") or (type_, declared) == ("int", "float"):
        return True
    if declared == "Identifier":
        return type_ in {"int", "str"}
    return declared == "Json" and type_ in _JSON


def _call(expression: Call, value: Typed, at: str) -> Typed:
    name = expression.function
    arguments = [compile_expression(item, value, at) for item in _tried(expression).arguments]
    if name in _SAME and arguments[0].type in _SAME[name]:
        return arguments[0]
    function, result = CALLS[name]
    node = call(
        f"conversions.{function}",
        *(item.node for item in arguments),
        **({} if name in SURE else {"at": at}),
    )
    return Typed(node=node, type=result, certain=name in _PREDICATES or name == "now")


def _tried(expression: Call) -> Call:
    """Return the call; a predicate's argument that may fail to convert is None where it does."""
    if expression.function in _TRIES and any(map(_may_fail, expression.arguments)):
        return Call(expression.function, (Call("if-null", (*expression.arguments, Literal(None))),))
    return expression


def _may_fail(expression: Expression) -> bool:
    match expression:
        case Call(function="if-null", arguments=(_, second)):
            return _may_fail(second)
        case Call(function=name, arguments=arguments):
            return (name in CALLS and name not in SURE) or any(map(_may_fail, arguments))
        case _:
            return False


def _if(expression: Call, value: Typed, at: str) -> Typed:
    condition, *branches = expression.arguments
    test = _condition(condition, value, at)
    chosen = [compile_expression(item, value, at) for item in branches]
    if len(chosen) == 1:
        chosen.append(Typed(node="None", type=""))
    yes, no = one_line(_within(chosen[0], OR)), one_line(_within(chosen[1], CONDITIONAL))
    return Typed(
        node=f"{yes} if {one_line(_within(test, OR))} else {no}",
        type=_join_types(chosen),
        binding=CONDITIONAL,
        certain=all(item.certain for item in chosen),
    )


def _if_null(expression: Call, value: Typed, at: str) -> Typed:
    chosen = [compile_expression(item, value, at) for item in expression.arguments]
    nodes = [f"lambda: {one_line(item.node)}" for item in chosen]
    node = call("conversions.if_null", *nodes)
    return Typed(node=node, type=_join_types(chosen), certain=chosen[1].certain)


def _junction(word: str, binding: int) -> Callable[[Call, Typed, str], Typed]:
    def compile_junction(expression: Call, value: Typed, at: str) -> Typed:
        tests = [_condition(item, value, at) for item in expression.arguments]
        if len(tests) == 1:
            return tests[0]
        text = f" {word} ".join(one_line(_within(test, binding)) for test in tests)
        return Typed(node=text, type="bool", binding=binding, certain=True)

    return compile_junction


def _not(expression: Call, value: Typed, at: str) -> Typed:
    return _negate(_condition(expression.arguments[0], value, at))


def _negate(test: Typed) -> Typed:
    text = f"not {one_line(_within(test, COMPARISON))}"
    return Typed(node=text, type="bool", binding=NOT, certain=True)


def _eq(expression: Call, value: Typed, at: str) -> Typed:
    return _compare(expression, value, at, negated=False)


def _neq(expression: Call, value: Typed, at: str) -> Typed:
    return _compare(expression, value, at, negated=True)


def _compare(expression: Call, value: Typed, at: str, *, negated: bool) -> Typed:
    left, right = (compile_expression(item, value, at) for item in expression.arguments)
    if "" in {left.type, right.type}:
        return _is_none(left if right.type == "" else right, negated=negated)
    if _is_text(left) and _is_text(right) and "str" in {left.type, right.type}:
        operator = "!=" if negated else "=="
        text = f"{one_line(_within(left, ATOM))} {operator} {one_line(_within(right, ATOM))}"
        return Typed(node=text, type="bool", binding=COMPARISON, certain=True)
    node = call("conversions.equal", left.node, right.node)
    equal = Typed(node=node, type="bool", certain=True)
    return _negate(equal) if negated else equal


def _is_null(expression: Call, value: Typed, at: str) -> Typed:
    return _is_none(compile_expression(expression.arguments[0], value, at))


def _is_none(item: Typed, *, negated: bool = False) -> Typed:
    if item.certain or item.type == "":
        return Typed(node=str((item.type == "") != negated), type="bool", certain=True)
    text = f"{one_line(_within(item, ATOM))} is {'not ' if negated else ''}None"
    return Typed(node=text, type="bool", binding=COMPARISON, certain=True)


def _condition(expression: Expression, value: Typed, at: str) -> Typed:
    item = compile_expression(expression, value, at)
    if item.type == "bool" and item.certain:
        return item
    node = call("conversions.is_true", item.node)
    return Typed(node=node, type="bool", certain=True)


def _within(item: Typed, binding: int) -> Node:
    return item.node if item.binding <= binding else f"({one_line(item.node)})"


def _is_text(item: Typed) -> bool:
    return item.type in {"str", "Json"}


def _join_types(items: list[Typed]) -> str:
    types = {item.type for item in items} - {""}
    if len(types) == 1:
        return types.pop()
    return "float" if types == {"int", "float"} else "Json" if types else ""


def _uses(expression: Expression) -> int:
    match expression:
        case Value():
            return 1
        case Literal():
            return 0
        case Call(arguments=arguments):
            return sum(_uses(item) for item in arguments)


def _has_lambda(expression: Expression) -> bool:
    if not isinstance(expression, Call):
        return False
    made = _tried(expression)
    return made.function == "if-null" or any(map(_has_lambda, made.arguments))


_OPERATORS: dict[str, Callable[[Call, Typed, str], Typed]] = {
    "if": _if,
    "if-null": _if_null,
    "and": _junction("and", AND),
    "or": _junction("or", OR),
    "not": _not,
    "eq": _eq,
    "neq": _neq,
    "is-null": _is_null,
}
