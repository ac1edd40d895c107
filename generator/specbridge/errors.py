"""Every way in which specbridge fails, and the values that describe a fault in a document.

SpecbridgeError
├── DocumentError          the documents have E problems; nothing was written        (exit 2)
├── SettingsError          [tool.specbridge] or the command line is wrong            (exit 2)
├── SurroundingsError      files, ports, proxies, certificates stand in the way      (exit 6)
│   └── MissingExtraError      what is asked for comes with an extra
├── ProfileError           a profile is malformed or missing                         (exit 2)
├── EditedByHandError      a generated file was edited; --force overwrites it         (exit 2)
├── PackageError           a generated package cannot be imported or run              (exit 2)
├── ChangedError           it is not as whoever decided had seen it                   (exit 2)
├── GuardError             a run was stopped before its first write                   (exit 4)
├── ApiError               a system could not be worked with                          (exit 5)
│   ├── AuthenticationError    credentials are missing, wrong, or lack a privilege
│   ├── UnreachableError       no connection, time-out, broken connection, TLS failure
│   ├── ThrottledError         still throttled when the budget for retries was spent
│   ├── ServerError            still a 5xx when the budget for retries was spent
│   ├── MalformedResponseError the body is not what the API promises
│   ├── UnexpectedStatusError  neither success, refusal nor failure: a redirect above all
│   ├── HaltedError            somebody asked the run to stop while it waited
│   └── RefusedError           the server refused one request (4xx); the others may go on
└── StoreError             the store cannot be opened, migrated or written            (exit 5)
    ├── StoreBusyError         another process works on the same package
    └── StorePlaceError        its address, driver or file cannot be used               (exit 6)
"""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How grave a problem is: an error stops its document, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A line (from 1) of a document; `path` is as the user gave it."""

    path: str
    line: int

    def __str__(self) -> str:
        """Return `path:line`."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault found in a document: what is wrong, where, and how to mend it.

    `code` is `E…` or `W…` and three digits; each has a page in docs/problems/. `flow` is the
    name of the flow concerned, None where the whole document is.
    """

    code: str
    where: Location
    message: str
    mend: str
    flow: str | None = None

    @property
    def severity(self) -> Severity:
        """Return the severity that the code's first letter states."""
        return Severity.ERROR if self.code.startswith("E") else Severity.WARNING

    def __str__(self) -> str:
        """Return the two lines that a terminal shows: the fault, then its mend."""
        return f"{self.where}: {self.code} {self.message}\n  mend: {self.mend}"


class SpecbridgeError(Exception):
    """Root of all exceptions that specbridge raises on purpose; `exit_code` is the command's."""

    exit_code = 2


class DocumentError(SpecbridgeError):
    """Documents have problems of severity error; `problems` holds all, warnings included."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the text of the error lists them."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class SettingsError(SpecbridgeError):
    """`[tool.specbridge]` or an option is wrong; the message names the key."""


class SurroundingsError(SpecbridgeError):
    """What the machine has or lacks stands in the way: files, ports, proxies, certificates."""

    exit_code = 6


class MissingExtraError(SurroundingsError):
    """What is asked for needs packages that come with an extra, and are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        """Name what is asked for, and how the extra is installed."""
        super().__init__(f'{what} comes with an extra: pip install "specbridge[{extra}]"')


class ProfileError(SpecbridgeError):
    """A profile is malformed or missing; the message names the file and the key."""


class EditedByHandError(SpecbridgeError):
    """Generated files were edited by hand; the message lists them."""


class PackageError(SpecbridgeError):
    """A generated package cannot be imported, or states a flow that cannot run."""


class ChangedError(SpecbridgeError):
    """What somebody decided about is not as they had seen it; nothing was done."""


class GuardError(SpecbridgeError):
    """A run was stopped before its first write, because it looked dangerous."""

    exit_code = 4


class ApiError(SpecbridgeError):
    """A system could not be worked with; the message names the system and the request."""

    exit_code = 5


class AuthenticationError(ApiError):
    """Credentials are missing, wrong, or lack a privilege."""


class UnreachableError(ApiError):
    """No connection, a time-out, a broken connection or a TLS failure."""


class ThrottledError(ApiError):
    """The server still throttled when the budget for retries was spent."""


class ServerError(ApiError):
    """The server still failed (5xx) when the budget for retries was spent."""


class MalformedResponseError(ApiError):
    """A body is not what the API promises."""


class UnexpectedStatusError(ApiError):
    """An answer that is neither success, refusal nor failure; the message says where it points."""


class HaltedError(ApiError):
    """Somebody asked the run to stop while it waited: for its turn, another attempt, or a job."""


class RefusedError(ApiError):
    """The server refused one request; `status` is the HTTP status, the message its reason."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status beside the reason."""
        super().__init__(message)
        self.status = status


class StoreError(SpecbridgeError):
    """The store cannot be opened, migrated, read or written."""

    exit_code = 5


class StoreBusyError(StoreError):
    """Another process holds the lease on the same package."""


class StorePlaceError(StoreError):
    """Where the store is said to be none can be: its address, its driver, its file's folder."""

    exit_code = 6
