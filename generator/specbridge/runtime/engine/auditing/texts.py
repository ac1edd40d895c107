"""Which of a document's sentences states that records are created."""

import re
from collections.abc import Iterator

from specbridge.model.values import CreationPolicy
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.flow import AnyFlow

# What each sentence calls the records of this side (`here`) and of the other (`there`).
_SENTENCES = {
    CreationPolicy.ALWAYS: (
        r"Every (?P<here>.*) will be synchronized with an? (?P<there>.*)\.",
        r"If no matching .* is found, an? new (?P<there>.*) will be created\.",
    ),
    CreationPolicy.WHEN: (r".*, ?it +will be synchronized with an? (?P<there>.*)\.",),
    CreationPolicy.CONNECTED: (
        r"A new (?P<there>.*) will be created from an? (?P<here>.*) if it is connected to .*",
    ),
    CreationPolicy.NEVER: (),
}


def creation_text(flow: AnyFlow, side: int) -> str:
    """Return the sentence by which records are created for those of a side, in the document's words.

    Where it is not found among the flow's sentences, what is meant is said in ours.
    """
    here, there = flow.source.label, flow.target.label
    rule = flow.create_target if side == SOURCE else flow.create_source
    if side != SOURCE:
        here, there = there, here
    found = next(_stating(flow, rule.policy, here, there), None)
    return found or f"{rule.policy.value}: a {there} for each {here}"


def _stating(flow: AnyFlow, policy: CreationPolicy, here: str, there: str) -> Iterator[str]:
    for text in flow.statements:
        for pattern in _SENTENCES[policy]:
            found = re.fullmatch(pattern, text, re.IGNORECASE)
            named = found.groupdict() if found else {}
            if found and _is_named(there, named["there"]) and _is_named(here, named.get("here")):
                yield text


def _is_named(label: str, name: str | None) -> bool:
    """Return whether a sentence's name is a side's: labels are resolved, and sentences may leave theirs blank."""
    return name is None or (bool(_slug(name)) and _slug(label).endswith(_slug(name)))


def _slug(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
