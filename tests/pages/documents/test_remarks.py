"""Where a profile states its properties, and what its comments say of them."""

import pytest
from specbridge.pages.documents.remarks import find_remarks
from specbridge.profiles.load import built_in_texts, load_profiles, read_profile


@pytest.mark.parametrize("name", built_in_texts())
def test_each_property_of_the_built_in_profiles_is_found(name: str) -> None:
    text = built_in_texts()[name]
    profile = read_profile(text, name)
    remarks = find_remarks(profile, text)
    lines = text.split("\n")
    stated = {(each.name, one.path) for each in profile.resources for one in each.properties}
    assert set(remarks) == stated
    for (_, path), remark in remarks.items():
        assert path[-1].removesuffix("[]") in lines[remark.line - 1]


def test_a_comment_is_of_the_property_below_it() -> None:
    text = built_in_texts()["zendesk.toml"]
    remarks = find_remarks(load_profiles()["zendesk"], text)
    assert (
        remarks["Organizations", ("url",)].text == "The record's own API address, not a web site."
    )
    assert remarks["Organizations", ("name",)].text == ""
