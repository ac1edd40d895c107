"""What is asked and answered, kept as it went over the wire."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.running import Sandbox

CLIENT = "client"
PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer; bodies are texts, "" where there is none.

    `speaker` says whether our client asked, or people as a vendor's own page has it.
    """

    system: str
    speaker: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    sent: str
    status: int
    answered: str
    # JSON, or text such as a gateway sends.
    is_json: bool

    def body(self) -> Any:
        """Return the answer's JSON."""
        return json.loads(self.answered)


@dataclass(slots=True)
class Recording:
    """All exchanges with the systems of a sandbox, in their order."""

    exchanges: list[Exchange] = field(default_factory=list)
    _speaker: str = CLIENT

    def attach(self, sandbox: Sandbox) -> None:
        """Listen to all systems from now on."""
        for system, running in (
            ("poweroffice-go", sandbox.poweroffice),
            ("zendesk", sandbox.zendesk),
        ):
            running.place_gateway(self._gateway(system))
        for system, running in sandbox.further.items():
            running.place_gateway(self._gateway(system))

    @contextmanager
    def people(self) -> Iterator[None]:
        """Count what is asked within the block as asked by people."""
        self._speaker = PEOPLE
        try:
            yield
        finally:
            self._speaker = CLIENT

    def _gateway(self, system: str) -> Callable[[Call, Callable[[Call], Answer]], Answer]:
        def listen(call: Call, on: Callable[[Call], Answer]) -> Answer:
            answer = on(call)
            self.exchanges.append(_exchange(system, self._speaker, call, answer))
            return answer

        return listen


def _exchange(system: str, speaker: str, call: Call, answer: Answer) -> Exchange:
    is_json = not isinstance(answer.body, str)
    # Written down at once: the sandbox goes on changing the records that it answers with.
    text = json.dumps(answer.body) if is_json else str(answer.body)
    return Exchange(
        system=system,
        speaker=speaker,
        method=call.method,
        path=call.path,
        query=call.pairs,
        headers=dict(call.headers),
        sent=call.body.decode(),
        status=answer.status,
        answered="" if answer.body is None else text,
        is_json=is_json,
    )
