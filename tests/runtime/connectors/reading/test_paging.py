"""Lists continued and ended, style by style."""

from dataclasses import replace

import pytest
from specbridge.errors import MalformedResponseError, ProfileError
from specbridge.model.calls import PageEnd, Paging, PagingStyle
from specbridge.model.values import Json
from specbridge.runtime.connectors.reading.paging import Step, Trail, first_step, next_step
from specbridge.runtime.connectors.transport.messages import Answer

NUMBER = Paging(
    style=PagingStyle.PAGE_NUMBER,
    end=PageEnd.SHORT_PAGE,
    size=2,
    parameters={"page": "PageNumber", "size": "PageSize"},
    constants={"OrderBy": "Id"},
)
CURSOR = Paging(
    style=PagingStyle.CURSOR,
    size=2,
    parameters={"size": "page[size]", "cursor": "page[after]"},
    fields={"more": ("meta", "has_more"), "cursor": ("meta", "after_cursor")},
)
EXPORT = Paging(
    style=PagingStyle.CURSOR_EXPORT,
    size=2,
    parameters={"start": "start_time", "cursor": "cursor", "size": "per_page"},
    fields={"cursor": ("after_cursor",), "end": ("end_of_stream",)},
)
TIME = Paging(
    style=PagingStyle.TIME_EXPORT,
    size=2,
    parameters={"start": "start_time", "size": "per_page"},
    fields={"cursor": ("end_time",), "end": ("end_of_stream",)},
)
OFFSET = Paging(
    style=PagingStyle.OFFSET,
    end=PageEnd.SHORT_PAGE,
    size=2,
    parameters={"page": "offset", "size": "limit"},
)
LINK = Paging(style=PagingStyle.LINK, size=2, parameters={"size": "limit"})
BODY_LINK = Paging(style=PagingStyle.LINK, fields={"next": ("paging", "next")})


def rows(count: int) -> list[dict[str, Json]]:
    return [{"id": number} for number in range(count)]


@pytest.mark.parametrize(
    ("paging", "start", "expected"),
    [
        (Paging(), "", {"a": "1"}),
        (NUMBER, "", {"OrderBy": "Id", "a": "1", "PageSize": "2", "PageNumber": "1"}),
        (CURSOR, "", {"a": "1", "page[size]": "2"}),
        (EXPORT, "0", {"a": "1", "per_page": "2", "start_time": "0"}),
        (TIME, "17", {"a": "1", "per_page": "2", "start_time": "17"}),
        (OFFSET, "", {"a": "1", "limit": "2", "offset": "0"}),
        (LINK, "", {"a": "1", "limit": "2"}),
    ],
    ids=lambda value: value.style.value if isinstance(value, Paging) else None,
)
def test_first_step(paging: Paging, start: str, expected: dict[str, str]) -> None:
    assert first_step(paging, {"a": "1"}, start) == Step(query=expected)


@pytest.mark.parametrize(
    ("paging", "body", "count", "expected"),
    [
        pytest.param(Paging(), [], 2, None, id="one-answer"),
        pytest.param(NUMBER, [], 2, {"PageNumber": "2"}, id="number-full-page"),
        pytest.param(NUMBER, [], 1, None, id="number-short-page"),
        pytest.param(NUMBER, None, 0, None, id="number-204"),
        pytest.param(
            CURSOR,
            {"meta": {"has_more": True, "after_cursor": "x"}},
            2,
            {"page[after]": "x"},
            id="cursor-more",
        ),
        pytest.param(
            CURSOR,
            {"meta": {"has_more": False, "after_cursor": "x"}, "links": {"next": "y"}},
            2,
            None,
            id="cursor-last-page-still-has-links",
        ),
        pytest.param(
            EXPORT, {"end_of_stream": False, "after_cursor": "x"}, 2, {"cursor": "x"}, id="export"
        ),
        pytest.param(
            EXPORT, {"end_of_stream": True, "after_cursor": "x"}, 2, None, id="export-end"
        ),
        pytest.param(
            TIME, {"end_of_stream": False, "end_time": 9}, 2, {"start_time": "9"}, id="time"
        ),
        pytest.param(
            TIME,
            {"end_of_stream": True, "end_time": 9, "next_page": "z"},
            2,
            None,
            id="time-end-still-has-next-page",
        ),
        pytest.param(OFFSET, [], 2, {"offset": "2"}, id="offset-full-page"),
        pytest.param(OFFSET, [], 1, None, id="offset-short-page"),
    ],
)
def test_next_step(paging: Paging, body: Json, count: int, expected: dict[str, str] | None) -> None:
    step = first_step(paging, {}, "5")
    following = next_step(paging, step, Answer(status=200, body=body), rows(count))
    if expected is None:
        assert following is None
    else:
        assert following is not None
        assert following.query.items() >= expected.items()


def test_the_start_is_said_once_only() -> None:
    answer = Answer(status=200, body={"end_of_stream": False, "after_cursor": "x"})
    following = next_step(EXPORT, first_step(EXPORT, {}, "5"), answer, rows(2))
    assert following == Step(query={"per_page": "2", "cursor": "x"})


@pytest.mark.parametrize(
    ("paging", "answer", "expected"),
    [
        pytest.param(
            LINK,
            Answer(
                status=200,
                body=[],
                headers={"link": '<https://a.example/1>; rel="prev", </x?p=2>; rel="next"'},
            ),
            "/x?p=2",
            id="header",
        ),
        pytest.param(
            BODY_LINK, Answer(status=200, body={"paging": {"next": "/x"}}), "/x", id="body"
        ),
        pytest.param(LINK, Answer(status=200, body=[]), None, id="header-end"),
        pytest.param(
            BODY_LINK, Answer(status=200, body={"paging": {"next": None}}), None, id="body-end"
        ),
    ],
)
def test_links(paging: Paging, answer: Answer, expected: str | None) -> None:
    following = next_step(paging, first_step(paging, {}), answer, rows(2))
    assert (following.link if following else None) == expected


@pytest.mark.parametrize(
    ("paging", "body"),
    [
        pytest.param(CURSOR, {"meta": {"has_more": True}}, id="no-cursor"),
        pytest.param(CURSOR, {"meta": {}}, id="does-not-say-whether-more"),
        pytest.param(CURSOR, [], id="no-object"),
        pytest.param(EXPORT, {"after_cursor": "x"}, id="does-not-say-whether-end"),
        pytest.param(TIME, {"end_of_stream": False, "end_time": None}, id="no-end-time"),
        pytest.param(TIME, {"end_of_stream": False, "end_time": 5}, id="same-page-again"),
        pytest.param(TIME, {"end_of_stream": False, "end_time": 4}, id="back-in-time"),
        pytest.param(BODY_LINK, {"paging": {"next": 7}}, id="link-is-no-text"),
    ],
)
def test_answers_that_lead_nowhere_are_malformed(paging: Paging, body: Json) -> None:
    with pytest.raises(MalformedResponseError):
        next_step(paging, first_step(paging, {}, "5"), Answer(status=200, body=body), rows(2))


def test_a_cursor_that_repeats_is_malformed() -> None:
    answer = Answer(status=200, body={"meta": {"has_more": True, "after_cursor": "x"}})
    step = next_step(CURSOR, first_step(CURSOR, {}), answer, rows(2))
    assert step is not None
    with pytest.raises(MalformedResponseError):
        next_step(CURSOR, step, answer, rows(2))


def next_link(address: str) -> Answer:
    return Answer(status=200, body={"paging": {"next": address}})


def page(*numbers: int) -> list[dict[str, Json]]:
    return [{"id": number, "tags": []} for number in numbers]


def test_a_read_does_not_go_back_to_where_it_was() -> None:
    trail, step = Trail(), first_step(BODY_LINK, {})
    for address in ("/1", "/2", "/3"):
        following = trail.next_step(BODY_LINK, step, next_link(address), page(int(address[1:])))
        assert following == Step(link=address)
        step = following
    with pytest.raises(MalformedResponseError, match="back to a page"):
        trail.next_step(BODY_LINK, step, next_link("/2"), page(4))


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([page()], id="empty"),
        pytest.param([page(1, 2)], id="the-same"),
        pytest.param([page(1, 2), page(3, 4)], id="in-turns"),
        pytest.param([page(1, 2), page()], id="empty-in-turns"),
    ],
)
def test_pages_without_anything_new_end_a_read(pages: list[list[dict[str, Json]]]) -> None:
    with pytest.raises(MalformedResponseError, match="nothing new"):
        follow(pages * 12)


def follow(pages: list[list[dict[str, Json]]]) -> None:
    """Read pages, each of which names one more."""
    trail, step = Trail(), first_step(BODY_LINK, {})
    for number, rows in enumerate(pages):
        following = trail.next_step(BODY_LINK, step, next_link(f"/{number}"), rows)
        assert following is not None
        step = following


def test_pages_with_something_new_never_end_a_read() -> None:
    follow([page() if number % 5 else page(number) for number in range(60)])


def test_the_last_page_may_be_like_the_one_before() -> None:
    trail, end = Trail(), Answer(status=200, body={"paging": {"next": None}})
    assert trail.next_step(BODY_LINK, Step(), end, page()) is None


def ended(paging: Paging, end: PageEnd, **fields: tuple[str, ...]) -> Paging:
    return replace(paging, end=end, fields=fields)


EMPTY = ended(OFFSET, PageEnd.EMPTY_PAGE)
TOTAL = ended(OFFSET, PageEnd.TOTAL, total=("meta", "total"))
PAGES = ended(NUMBER, PageEnd.TOTAL, pages=("pages",))
FLAGGED = ended(NUMBER, PageEnd.FLAG, more=("more",))
NULL = ended(CURSOR, PageEnd.NO_CURSOR, cursor=("@odata.next",))
AFTER = Paging(
    style=PagingStyle.AFTER_ROW,
    end=PageEnd.EMPTY_PAGE,
    parameters={"cursor": "starting_after"},
    fields={"row": ("id",)},
)
HEADED = Paging(
    style=PagingStyle.PAGE_NUMBER,
    end=PageEnd.TOTAL,
    parameters={"page": "page"},
    headers={"total": "X-Total-Count"},
)


@pytest.mark.parametrize(
    ("paging", "bodies", "sizes"),
    [
        # The server caps its pages at one row, whatever it is asked for: nothing is cut.
        pytest.param(EMPTY, [[], [], []], [1, 1, 0], id="empty-page"),
        pytest.param(TOTAL, [{"meta": {"total": 2}}] * 2, [1, 1], id="total"),
        pytest.param(TOTAL, [{"meta": {"total": 0}}], [0], id="total-of-nothing"),
        pytest.param(PAGES, [{"pages": 3}] * 3, [2, 2, 1], id="pages"),
        pytest.param(FLAGGED, [{"more": True}, {"more": False}], [1, 1], id="flag"),
        pytest.param(NULL, [{"@odata.next": 7}, {"@odata.next": None}], [1, 1], id="null-cursor"),
        pytest.param(NULL, [{"@odata.next": "x"}, {}], [1, 1], id="no-cursor"),
        pytest.param(NULL, [{"@odata.next": "x"}, {"@odata.next": ""}], [1, 1], id="blank-cursor"),
        pytest.param(AFTER, [[], []], [3, 0], id="after-row"),
    ],
)
def test_a_list_ends_where_its_end_is_told(
    paging: Paging, bodies: list[Json], sizes: list[int]
) -> None:
    step = first_step(paging, {})
    for number, (body, size) in enumerate(zip(bodies, sizes, strict=True)):
        following = next_step(paging, step, Answer(status=200, body=body), rows(size))
        assert (following is None) is (number == len(bodies) - 1)
        step = following or step


def test_a_header_may_tell_the_total() -> None:
    answer = Answer(status=200, body=[], headers={"x-total-count": "3"})
    step = next_step(HEADED, first_step(HEADED, {}), answer, rows(2))
    assert step == Step(query={"page": "2"})
    assert next_step(HEADED, step, answer, rows(1)) is None


def test_a_cursor_may_be_a_number_and_the_last_row_s_id() -> None:
    following = next_step(
        NULL, first_step(NULL, {}), Answer(status=200, body={"@odata.next": 7}), []
    )
    assert following is not None
    assert following.query["page[after]"] == "7"
    after = next_step(AFTER, first_step(AFTER, {}), Answer(status=200, body=[]), rows(3))
    assert after == Step(query={"starting_after": "2"})


@pytest.mark.parametrize(
    ("paging", "body", "count", "fault"),
    [
        pytest.param(TOTAL, {"meta": {"total": 9}}, 0, "a page is empty", id="empty-before-total"),
        pytest.param(TOTAL, {"meta": {}}, 2, "does not say 'meta.total'", id="no-total"),
        pytest.param(
            replace(OFFSET, fields={"total": ("total",)}),
            {"total": 9},
            1,
            "after 1 of 9",
            id="short",
        ),
        pytest.param(
            replace(OFFSET, fields={"more": ("more",)}),
            {"more": True},
            1,
            "there is more",
            id="more",
        ),
        pytest.param(
            replace(BODY_LINK, fields={"next": ("next",), "total": ("total",)}),
            {"next": None, "total": 5},
            2,
            "after 2 of 5",
            id="no-link",
        ),
        pytest.param(AFTER, [], 1, "says not where", id="row-without-id"),
    ],
)
def test_a_list_that_ends_though_there_is_more_is_malformed(
    paging: Paging, body: Json, count: int, fault: str
) -> None:
    found = rows(count) if paging is not AFTER else [{"name": "x"}]
    with pytest.raises(MalformedResponseError, match=fault):
        next_step(paging, first_step(paging, {}), Answer(status=200, body=body), found)


def test_first_page_may_be_zero() -> None:
    assert first_step(replace(NUMBER, first=0), {}).query["PageNumber"] == "0"


@pytest.mark.parametrize("style", [PagingStyle.PAGE_NUMBER, PagingStyle.TIME_EXPORT])
def test_a_style_without_its_words_is_a_fault_of_the_profile(style: PagingStyle) -> None:
    with pytest.raises(ProfileError, match="is missing"):
        first_step(Paging(style=style), {}, "5")
