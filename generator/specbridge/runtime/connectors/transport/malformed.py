"""What is told of an answer that is not what the API promises: system, call, fault and mend."""

from specbridge.errors import MalformedResponseError

_MEND = "run again later; if it stays so, see what answers at the system's address"


def malformed(where: str, fault: str) -> MalformedResponseError:
    """Return the exception of a fault; `where` names system and call, as `Access.where` does."""
    return MalformedResponseError(f"{where}: {fault}; {_MEND}")
