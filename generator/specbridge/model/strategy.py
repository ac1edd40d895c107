"""A named way of writing one property, as data; a package offers it by an entry point."""

from dataclasses import dataclass

from specbridge.model.values import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """Calls of its own by which one property is written, because the update call would get it wrong.

    `calls` are the roles that it cannot do without, `more` those that it can use besides, `filled` what
    their paths may hold between braces. `writer` is where its function is (`package.module:function`),
    `jobs` that of the one which writes many records at once, "" where there is none: what reads a
    document need not load them.
    """

    calls: Words
    more: Words = ()
    filled: Words = ("id",)
    writer: str
    jobs: str = ""
