"""Link headers as servers write them."""

import pytest
from specbridge.runtime.connectors.reading.links import find_link


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param('</a>; rel="next"', "/a", id="plain"),
        pytest.param("</a>;rel=next", "/a", id="bare-word"),
        pytest.param("</a> ; REL = NEXT", "/a", id="any-case"),
        pytest.param('</a>; rel="prev", </b>; rel="next"', "/b", id="second"),
        pytest.param('</a>; rel="last Next"', "/a", id="several-relations"),
        pytest.param('</a?ids=1,2,3>; rel="next"', "/a?ids=1,2,3", id="commas-in-the-address"),
        pytest.param(
            '</z>; title="x, <y>; rel=\\"next\\""; rel="prev", </a>; title="1, 2"; rel="next"',
            "/a",
            id="commas-and-links-in-titles",
        ),
        pytest.param('</a>; rel="nextpage", </b>; rel="next-archive"', "", id="other-words"),
        pytest.param('</a>; title="rel=next"', "", id="said-by-a-title"),
        pytest.param('</a>; rel="next', "", id="quote-left-open"),
        pytest.param("rel=next", "", id="no-address"),
        pytest.param("</a>", "", id="no-relation"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_link_is_found_by_its_relation(header: str, expected: str) -> None:
    assert find_link(header, "next") == expected


@pytest.mark.parametrize("piece", ["<", '<a>"', "<a>;", '<a>;x="', "<a>;x=,"])
def test_a_long_header_is_read_at_once(piece: str) -> None:
    assert find_link(piece * 20_000, "next") == ""
