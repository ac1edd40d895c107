"""Laws that hold for any text: it reads, and what means nothing changes nothing."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specbridge.reader.read import read_document

from tests.reader.cases import read_texts
from tests.reader.laws import check_document, meaning_of
from tests.reader.mutations import WEIRD, mutate_text

TEXTS = read_texts()
WHOLE = {
    name: text
    for name, text in TEXTS.items()
    if not name.startswith(("damage_", "hostile_", "skeleton_lone_cr"))
}


@given(st.text())
def test_any_text_reads(text: str) -> None:
    check_document(read_document(text, "any.rst"), text)


@given(st.lists(st.sampled_from((*WEIRD, "\n", "A to B", "A to B Dataflow", "   * - a\n"))))
def test_any_markup_reads(parts: list[str]) -> None:
    text = "".join(parts)
    check_document(read_document(text, "any.rst"), text)


@settings(max_examples=300)
@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 2**32))
def test_any_mutation_of_a_case_reads(name: str, seed: int) -> None:
    text = mutate_text(TEXTS[name], random.Random(seed), list(TEXTS.values()))
    check_document(read_document(text, "any.rst"), text)


@settings(max_examples=60)
@given(st.sampled_from(sorted(WHOLE)), st.text(st.characters(exclude_categories=("C", "Z"))))
def test_generated_line_means_nothing(name: str, stamp: str) -> None:
    other = re.sub(r"Generated:[^\r\n]*", lambda _: f"Generated: {stamp}", WHOLE[name])
    before, after = read_document(WHOLE[name], "x.rst"), read_document(other, "x.rst")
    assert meaning_of(after) == meaning_of(before)
    assert after.problems == before.problems
    if "Generated:" in WHOLE[name]:
        assert after.generated == stamp


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_line_ends_mark_and_trailing_blanks_mean_nothing(name: str) -> None:
    plain = WHOLE[name].removeprefix("\ufeff").replace("\r\n", "\n")
    before = read_document(plain, "x.rst")
    assert read_document(plain.replace("\n", "\r\n"), "x.rst") == before
    assert read_document("\ufeff" + plain, "x.rst") == before
    assert read_document(plain.replace("\n", " \t\n"), "x.rst") == before


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.parametrize("change", [-2, 5])
def test_length_of_adornment_means_nothing(name: str, change: int) -> None:
    def resize(match: re.Match[str]) -> str:
        return match[0][0] * (len(match[0]) + change)

    text = re.sub(r"(?m)^(?:={6,}|-{6,})(?=\r?$)", resize, WHOLE[name])
    assert text != WHOLE[name]
    assert meaning_of(read_document(text, "x.rst")) == meaning_of(
        read_document(WHOLE[name], "x.rst")
    )
