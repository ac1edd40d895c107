"""The console's web application: who may come in, pages that are asked for, and what is done by forms."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from specbridge.errors import (
    ChangedError,
    SettingsError,
    SpecbridgeError,
    StoreBusyError,
    StoreError,
)
from specbridge.pages.console import SCRIPTS, ConsoleView, console_policy, render_console
from specbridge.pages.render import script_bytes
from specbridge.runtime.store.engine import open_reading, store_errors
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.rows import storable
from specbridge.service.console import acting, flows, open_work, runs, things, working
from specbridge.service.console.access import Access, Visitor, origins_of
from specbridge.service.console.asking import Asking, Showing
from specbridge.service.console.jobs import Jobs, Work

PAGES: Mapping[str, Showing] = {
    "/": open_work.show_open_work,
    "/conflicts": open_work.show_conflicts,
    "/letters": open_work.show_letters,
    "/ambiguous": open_work.show_ambiguous,
    "/vanished": open_work.show_vanished,
    "/pair": things.show_pair,
    "/things": things.show_things,
    "/thing": things.show_thing,
    "/runs": runs.show_runs,
    "/run": runs.show_run,
    "/deeds": runs.show_deeds,
    "/flows": flows.show_flows,
    "/plan": working.show_work,
    "/job": working.show_job,
}
DEEDS: Mapping[str, acting.Doing] = {
    "/do/settle": acting.settle,
    "/do/letter": acting.treat_letter,
    "/do/letters": acting.treat_letters,
    "/do/pair": acting.treat_pair,
    "/do/pause": acting.treat_pause,
    "/do/work": acting.begin_work,
    "/do/undo": acting.begin_undo,
}
MOST_BYTES = 262_144
"""Bytes of a form at most; one with every box of a page has a hundredth of that."""

_REMEMBERED = 200
"""Forms at most that are known as sent before: who presses twice was no slower than somebody else."""

# What a page may say after a deed: never what an address holds, which anybody could write.
_TOLD = {
    "settled": "Settled: the next run writes the winner's value to the other side.",
    "retry": "The next run tries it again.",
    "acknowledge": "Acknowledged: it stays listed until its reason changes.",
    "pin": "Pinned: the two stay linked, whatever the rules say.",
    "unpin": "Left to the rules: the next run goes by them.",
    "split": "Split: the two stay apart, whatever the rules say.",
    "cut": "Split, with all that joined them.",
    "pause": "Paused: runs leave it alone until it is resumed.",
    "resume": "Resumed: the next run goes on with it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A console that is to be served: its store, who may come in, what it has done elsewhere."""

    url: str
    access: Access
    work: Work
    jobs: Jobs


def build_console(console: Console) -> Starlette:
    """Return the application; whoever is not let in is answered with 403, whatever was asked."""
    guard = _Guard(console)
    routes = [Route(path, guard.page(show), methods=["GET"]) for path, show in PAGES.items()]
    # Browsers ask for it by themselves, and would complain.
    routes.append(Route("/favicon.ico", _no_picture, methods=["GET"]))
    routes += [Route(f"/{name}", guard.script(name), methods=["GET"]) for name in SCRIPTS]
    routes += [Route(path, guard.deed(do), methods=["POST"]) for path, do in DEEDS.items()]
    application = Starlette(
        routes=routes, exception_handlers={404: guard.missing, 405: guard.missing}
    )
    application.router.redirect_slashes = False
    return application


async def _no_picture(_request: Request) -> Response:
    return Response(status_code=204)


class _Guard:
    """Lets in who has a cookie, comes to this very address and, to act, from its own pages."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._origins = origins_of(console.access.address)
        self._sent: deque[int] = deque(maxlen=_REMEMBERED)
        self._secure = urlsplit(console.access.address).scheme == "https"
        self._headers = {
            "Content-Security-Policy": console_policy(),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }

    def page(self, show: Showing) -> Callable[[Request], object]:
        """Return what answers with a page."""

        async def answer(request: Request) -> Response:
            if not self._origins.is_ours(request.headers, acts=False):
                return self._refuse("This console answers to its own address alone.")
            if "token" in request.query_params:
                return self._enter(request)
            visitor = self._visitor(request)
            if visitor is None:
                return self._refuse("Open the address that `specbridge console` printed.")
            return await run_in_threadpool(self._show, request, visitor, show)

        return answer

    def script(self, name: str) -> Callable[[Request], object]:
        """Return what answers with a script of the pages."""

        async def answer(request: Request) -> Response:
            if not self._origins.is_ours(request.headers, acts=False) or not self._visitor(request):
                return self._refuse("Open the address that `specbridge console` printed.")
            return Response(script_bytes(name), 200, self._headers, "text/javascript")

        return answer

    def deed(self, do: acting.Doing) -> Callable[[Request], object]:
        """Return what does something and leads on to a page."""

        async def answer(request: Request) -> Response:
            if not self._origins.is_ours(request.headers, acts=True):
                return self._refuse("This form was not sent by a page of this console.")
            visitor = self._visitor(request)
            if visitor is None:
                return self._refuse("Open the address that `specbridge console` printed.")
            form = await _read_form(request)
            key = (form or {}).get("key", [""])[0]
            if form is None or not self._console.access.is_form_key(self._cookie(request), key):
                return self._refuse("This form was not shown to you by this console.")
            if not visitor.acts:
                return self._refuse("You may read, not act.")
            return await run_in_threadpool(self._do, request, visitor, (do, form))

        return answer

    async def missing(self, request: Request, _error: Exception) -> Response:
        """Answer what there is no page for: who is not let in does not even learn that."""
        if not self._origins.is_ours(request.headers, acts=False) or self._visitor(request) is None:
            return self._refuse("Open the address that `specbridge console` printed.")
        return self._answer(ConsoleView(heading="There is no such page"), 404)

    def _cookie(self, request: Request) -> str:
        return request.cookies.get(self._console.access.cookie, "")

    def _visitor(self, request: Request) -> Visitor | None:
        return self._console.access.visitor(self._cookie(request))

    def _enter(self, request: Request) -> Response:
        """Turn the token of a first address into a cookie, and lead on to the address without it."""
        cookie = self._console.access.enter(request.query_params["token"])
        if cookie is None:
            return self._refuse("This token is not one of the console that is running.")
        response = RedirectResponse("/", 303, self._headers)
        response.set_cookie(
            *(self._console.access.cookie, cookie),
            httponly=True,
            samesite="strict",
            secure=self._secure,
        )
        return response

    def _show(self, request: Request, visitor: Visitor, show: Showing) -> Response:
        console = self._console
        try:
            with open_reading(console.url) as store, store_errors():
                asking = Asking(
                    store=store,
                    flows=known_flows(store.connection),
                    query={name: storable(x) for name, x in request.query_params.items()},
                    jobs=console.jobs,
                    work=console.work,
                )
                view = show(asking)
        except StoreError as error:
            view, status = ConsoleView(heading="The store does not answer", refused=str(error)), 503
        except SettingsError as error:
            view, status = ConsoleView(heading="The settings have a fault", refused=str(error)), 503
        except SpecbridgeError as error:
            view, status = ConsoleView(heading="There is no such page", refused=str(error)), 404
        else:
            view, status = (
                replace(view, told=_TOLD.get(request.query_params.get("told", ""), "")),
                200,
            )
        return self._answer(self._for(view, request, visitor), status)

    def _do(
        self, request: Request, visitor: Visitor, what: tuple[acting.Doing, Mapping[str, list[str]]]
    ) -> Response:
        do, form = what
        console = self._console
        sent = hash((self._cookie(request), request.url.path, repr(form)))
        twice = sent in self._sent
        self._sent.append(sent)
        wish = acting.Wish(
            url=console.url, who=visitor.name, form=form, jobs=console.jobs, work=console.work
        )
        try:
            return RedirectResponse(self._led_on(request, do(wish)), 303, self._headers)
        except StoreBusyError as error:
            view, status = ConsoleView(heading="A run is under way", refused=str(error)), 409
        except StoreError as error:
            view, status = ConsoleView(heading="The store does not answer", refused=str(error)), 503
        except ChangedError as error:
            heading = "This form was sent twice" if twice else "Somebody was quicker"
            view, status = ConsoleView(heading=heading, refused=str(error)), 409
        except SpecbridgeError as error:
            view, status = ConsoleView(heading="It was not done", refused=str(error)), 409
        view = replace(view, back=self._came_from(request))
        return self._answer(self._for(view, request, visitor), status)

    def _came_from(self, request: Request) -> str:
        """Return the page of ours that a form stood on, "" where that is not known."""
        place = self._origins.path_of(request.headers.get("referer", ""))
        return place if place.partition("?")[0] in PAGES else ""

    def _led_on(self, request: Request, place: str) -> str:
        """Return where to go on after a deed: what was done is told on the very page that its form stood on."""
        path, _, query = self._came_from(request).partition("?")
        told = dict(parse_qsl(urlsplit(place).query)).get("told")
        if not path or told is None:
            return place
        kept = [(n, x) for n, x in parse_qsl(query, keep_blank_values=True) if n != "told"]
        return f"{path}?{urlencode([*kept, ('told', told)])}"

    def _for(self, view: ConsoleView, request: Request, visitor: Visitor) -> ConsoleView:
        key = self._console.access.form_key(self._cookie(request))
        return replace(view, user=visitor.name, acts=visitor.acts, key=key)

    def _refuse(self, why: str) -> Response:
        return self._answer(ConsoleView(heading="You are not let in", refused=why), 403)

    def _answer(self, view: ConsoleView, status: int) -> Response:
        return HTMLResponse(render_console(view), status, self._headers)


async def _read_form(request: Request) -> dict[str, list[str]] | None:
    """Return a form's fields, None where it is too large or none; no more than the limit is ever held."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return None
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=1000)
    except (ClientDisconnect, ValueError):
        return None
