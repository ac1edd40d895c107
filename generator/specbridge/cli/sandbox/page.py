"""A page in a browser on which people edit the records of the sandbox, served beside its systems."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, unquote, urlsplit

from specbridge.cli.sandbox.hands import (
    PASSED,
    add_record,
    change_record,
    delete_record,
    find_row,
    named,
    read_change,
    read_record,
    value_at,
)
from specbridge.cli.sandbox.reached import Kind, Reached, Row
from specbridge.errors import SpecbridgeError
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Property
from specbridge.pages.editing import Choice, EditingView, Input, address, render_editing
from specbridge.runtime.naming import name_of

_NEW = "new"
_MOST = 1_000_000  # bytes of a form


@contextmanager
def serving_page(reached: Reached) -> Iterator[str]:
    """Serve the page on loopback until the block ends; give its address."""
    handler = type("_Page", (_Handler,), {"reached": reached})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    reached: Reached

    def do_GET(self) -> None:
        """Show what the path names."""
        if self._is_ours():
            told = "Saved." if urlsplit(self.path).query == "saved" else ""
            self._answer_with(lambda parts: _show(self.reached, parts, told))

    def do_POST(self) -> None:
        """Carry out what the form says, and lead to where it is seen."""
        if not self._is_ours():
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MOST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        parts = self._parts()
        try:
            place = _carry_out(self.reached, parts, form)
        except SpecbridgeError as error:
            refused = str(error)
            self._answer_with(lambda found: _show(self.reached, found, "", refused, form))
            return
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the sandbox's own streams are the commands'."""

    def _is_ours(self) -> bool:
        """Return whether the request was made to this very address and from it, else refuse it."""
        assert isinstance(self.server, ThreadingHTTPServer)
        port = self.server.server_port
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        # A page elsewhere, or a name that leads here, must not edit in the reader's place.
        own = self.headers.get("Host") in hosts
        if own and self.command == "POST":
            own = self._is_from_here({f"http://{host}" for host in hosts})
        if not own:
            self.send_error(HTTPStatus.FORBIDDEN)
        return own

    def _is_from_here(self, origins: Collection[str]) -> bool:
        site = self.headers.get("Sec-Fetch-Site")
        # Browsers say it themselves; the origin of a page that gives no referrer is `null`.
        if site is not None:
            return site in ("same-origin", "none")
        return self.headers.get("Origin") in (None, *origins)

    def _parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.split("/") if part]

    def _answer_with(self, show: Callable[[list[str]], EditingView]) -> None:
        status = HTTPStatus.OK
        try:
            view = show(self._parts())
        except SpecbridgeError as error:
            status = HTTPStatus.NOT_FOUND
            view = EditingView(title="Not found", heading="Not found", refused=str(error))
        if view.refused and status is HTTPStatus.OK:
            status = HTTPStatus.BAD_REQUEST
        content = render_editing(view).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def _show(
    reached: Reached,
    parts: list[str],
    told: str = "",
    refused: str = "",
    form: Mapping[str, str] | None = None,
) -> EditingView:
    match parts:
        case [system, resource, identifier]:
            kind = reached.kind(system, resource)
            return _show_record(reached, kind, identifier, (told, refused), form or {})
        case [system, resource]:
            return _show_records(reached, reached.kind(system, resource), told)
        case _:
            return _show_kinds(reached)


def _show_kinds(reached: Reached) -> EditingView:
    choices = [
        Choice(
            text=f"{profile.labels[0]}: {resource.name}",
            href=address(profile.name, resource.name),
            note=f"{len(rows)} records",
        )
        for profile in reached.profiles.values()
        for resource, rows in reached.all_rows(profile)
        if rows
    ]
    return EditingView(title="Sandbox", heading="Records of the sandbox", choices=choices)


def _show_records(reached: Reached, kind: Kind, told: str) -> EditingView:
    profile, resource = kind
    choices = []
    for row in reached.rows(profile, resource):
        identifier = str(value_at(row, resource.id))
        name = name_of(resource, row) or identifier
        href = address(profile.name, resource.name, identifier)
        choices.append(Choice(text=name, href=href, note=identifier))
    can_add = resource.create is not None
    return EditingView(
        title=f"{resource.name} - sandbox",
        heading=f"{profile.labels[0]} {resource.name}",
        way=_way(),
        told=told,
        choices=choices,
        add=address(profile.name, resource.name, _NEW) if can_add else "",
    )


def _show_record(
    reached: Reached, kind: Kind, identifier: str, said: tuple[str, str], form: Mapping[str, str]
) -> EditingView:
    profile, resource = kind
    row = {} if identifier == _NEW else find_row(reached, kind, identifier)
    name = "A new record" if identifier == _NEW else name_of(resource, row) or identifier
    plain = [one for one in resource.properties if not _has_list(one)]
    return EditingView(
        title=f"{name} - sandbox",
        heading=name,
        way=(
            *_way(),
            (f"{profile.labels[0]} {resource.name}", address(profile.name, resource.name)),
        ),
        told=said[0],
        refused=said[1],
        inputs=[
            Input(
                name=named(one.path),
                kind=_kind_of(one),
                value=form.get(named(one.path), _text(one, row)),
            )
            for one in plain
            if not one.read_only
        ],
        fixed={named(one.path): _text(one, row) for one in plain if one.read_only and row},
        deletes=bool(row) and resource.delete is not None,
    )


def _carry_out(reached: Reached, parts: list[str], form: Mapping[str, str]) -> str:
    """Do what a form says; return the address to go on at."""
    system, resource, identifier = (*parts, "", "", "")[:3]
    kind = reached.kind(system, resource)
    above = address(kind[0].name, kind[1].name)
    if form.get("deed") == "delete":
        delete_record(reached, kind, identifier)
        reached.pass_time(PASSED)
        return f"{above}?saved"
    row = {} if identifier == _NEW else find_row(reached, kind, identifier)
    shown = {named(one.path): _text(one, row) for one in kind[1].properties}
    changed = [f"{name}={text}" for name, text in form.items() if shown.get(name, text) != text]
    values = dict(read_change(kind[1], text) for text in changed)
    if identifier == _NEW:
        identifier = add_record(reached, kind, values)
    elif values:
        change_record(reached, kind, read_record(reached, kind, identifier), values)
    reached.pass_time(PASSED)
    return f"{address(kind[0].name, kind[1].name, identifier)}?saved"


def _way() -> tuple[tuple[str, str], ...]:
    return (("All records", "/"),)


def _has_list(definition: Property) -> bool:
    return any(step.endswith("[]") for step in definition.path)


def _kind_of(definition: Property) -> str:
    return "" if definition.type is ValueType.ANY else definition.type.value


def _text(definition: Property, row: Row) -> str:
    """Return a value as it is filled in: texts as they are, all else as JSON, nothing for none."""
    value = value_at(row, definition.path)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
