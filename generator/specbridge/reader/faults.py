"""Every problem that the reader reports: its code, what it says and the mend it offers.

The one place where reader codes are defined; each has a page in docs/problems/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from specbridge.errors import Location, Problem, Severity
from specbridge.reader.brackets import Budget
from specbridge.reader.text import show_text

MOST_OF_A_KIND = 100
"""Problems of one code that are listed for one flow; a last one says that there are more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of problem; `message` and `mend` are templates for what the document says there.

    What an error keeps from being generated is said behind its mend, for all alike.
    """

    message: str
    mend: str


FAULTS: Mapping[str, Fault] = {
    "E101": Fault(
        "the document has no title",
        "begin it with «SOURCE to TARGET Dataflow» between lines of `=`",
    ),
    "E102": Fault(
        "byte {offset} of the file is not UTF-8",
        "save the document as UTF-8",
    ),
    "E103": Fault(
        "the file cannot be read: {reason}",
        "name a document that exists and can be read",
    ),
    "E104": Fault(
        "the document has more than {count} {things}, too many for its size",
        "split the document, or remove what is no part of a dataflow",
    ),
    "E105": Fault(
        "the section `{heading}` has tables, but its two sides cannot be told",
        "write the heading as «A to B» and the header cells as «A Property» and «B Property»",
    ),
    "E106": Fault(
        "a table before the first flow's heading",
        "restore the heading «A to B» that is missing above it",
    ),
    "E107": Fault(
        "the sentence cannot be read whole: `{text}`",
        "word it as the dialect does",
    ),
    "E108": Fault(
        "a second sentence of this kind says something else: `{text}`",
        "keep the one that is meant",
    ),
    "W101": Fault(
        "the system's label is blank in {place}",
        "write the system's name there; until then it is taken from settings, from the rest of the document, or from the file's name",
    ),
    "W102": Fault(
        "the line under the heading `{heading}` is shorter than the heading",
        "make it as long as the heading",
    ),
    "W103": Fault(
        "text that fits none of the sentences: `{text}`",
        "word it as one of the sentences of the dialect, or remove it; it is ignored",
    ),
    "W104": Fault(
        "the section `{heading}` is no flow",
        "write its heading as «A to B», or remove it; it is ignored",
    ),
    "W105": Fault(
        "the header row says `{header}`, the heading `{heading}`",
        "make both name the same two sides; the header row counts",
    ),
    "W106": Fault(
        "no label that the document names begins `{side}`; `{label}` is taken for its system",
        "begin the name with the system's label, as the title writes it",
    ),
    "W107": Fault(
        "markup that means nothing in a dataflow document: `{text}`",
        "remove it; it is ignored",
    ),
    "W108": Fault(
        "the sentence names other sides than its section: `{text}`",
        "make it name the section's two sides; it is taken to be about them",
    ),
    "W109": Fault(
        "the sentence is there twice: `{text}`",
        "remove one of them",
    ),
    "W110": Fault(
        "no sentence says when a record is created or linked",
        "add one of the creation sentences; until then nothing is",
    ),
    "W111": Fault(
        "more problems {code} than are listed here",
        "mend those that are listed first",
    ),
    "E201": Fault(
        "the section has no property table",
        "add the table of properties, with its header row alone if nothing is synchronized",
    ),
    "E202": Fault(
        "the table of property combinations is missing",
        "add the link table below the sentence, or remove the sentence",
    ),
    "E203": Fault(
        "data type `{text}` has lost brackets",
        "restore each `[`",
    ),
    "E204": Fault(
        "data type `{text}` cannot be read",
        'write a type such as `"string"`, an expression, or `N/A`',
    ),
    "E205": Fault(
        "the number of cells in the row is {count}, not {columns}: `{text}`",
        "give the row one cell for each column",
    ),
    "E206": Fault(
        "the row names no property in the column `{column}`",
        "name the property, or remove the row",
    ),
    "E207": Fault(
        "property `{text}` cannot be read: {reason}",
        "write a dotted path, then «(Dependant on having VALUE in PATH)» if the row depends on it",
    ),
    "E208": Fault(
        "a second {table} table in one section",
        "restore the heading that is missing above it, or make one table of both",
    ),
    "E209": Fault(
        "the table's header row cannot be read: `{text}`",
        "head the columns «A Property», «B Property» and, for properties, «B-SYSTEM Data Type»",
    ),
    "E210": Fault(
        "text in a table that belongs to no cell: `{text}`",
        "write it as `     - cell` in its row",
    ),
    "E211": Fault(
        "rows without a table: `{text}`",
        "restore `.. list-table::` above them",
    ),
    "W112": Fault(
        "a comment for specbridge that is not understood: `{text}`",
        "write `.. specbridge: ignore W303`; errors cannot be ignored",
    ),
    "W201": Fault(
        "a link row with a blank side: `{text}`",
        "name both properties, or remove the row; it links nothing",
    ),
    "W202": Fault(
        "the data type of `{text}` is blank",
        "write the type, or `N/A` if none is to be stated; the row is held",
    ),
    "W203": Fault(
        "data type `{text}` {damage}; it is read as `{restored}`",
        "write what it is read as",
    ),
    "W204": Fault(
        "the cell `{text}` is out of place; it is read as the last of its row",
        "write it as `     - cell` in its row",
    ),
    "W205": Fault(
        "data type `{text}` uses {unknown}, which is not known",
        'use the functions that docs/dialect.md lists, and `"_."` for the value; the row is held',
    ),
    "W206": Fault(
        "data type `{text}`: `{function}` takes {expected}, not {count}",
        "give the function as many arguments as it takes; the row is held",
    ),
    "W207": Fault(
        "the link table has no rows",
        "add the properties that match, or remove the sentence; nothing is linked by rule",
    ),
    "W208": Fault(
        "property `{text}` has a name that is unusual: `{name}`",
        "check the name; it is taken as it stands",
    ),
    "W209": Fault(
        "header cell `{text}` does not end in «{ending}»",
        "write the side's full name and «{ending}»",
    ),
    "W210": Fault(
        "data type `{text}` has lost its quotes; it is read as `{restored}`",
        "write it in double quotes",
    ),
}


@dataclass(slots=True)
class Findings:
    """Collects the problems of one document, of one flow or of none (`flow` None).

    At most MOST_OF_A_KIND of a code are kept: a hostile document must not fill the memory.
    """

    path: str
    flow: str | None = None
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def for_flow(self, flow: str) -> "Findings":
        """Return an empty collection for a flow of the same document."""
        return Findings(self.path, flow, budget=self.budget)

    def add(self, code: str, line: int, **words: str | int) -> None:
        """Add a problem; `words` fill the templates of FAULTS, document text being made harmless."""
        count = self.counts[code] = self.counts.get(code, 0) + 1
        if count > MOST_OF_A_KIND + 1:
            return
        # This hides no error: the hundred before it have stopped the flow.
        if count > MOST_OF_A_KIND:
            code, words = "W111", {"code": code}
        shown = {name: show_text(str(word)) for name, word in words.items()}
        fault = FAULTS[code]
        problem = Problem(
            code=code,
            where=Location(self.path, line),
            # Document text is only ever a word of the template, so its braces mean nothing.
            message=fault.message.format(**shown),
            mend=fault.mend.format(**shown),
            flow=self.flow,
        )
        self.problems.append(self._with_stop(problem))

    def _with_stop(self, problem: Problem) -> Problem:
        """Return the problem; where it is an error, its mend says what it keeps from being generated."""
        if problem.severity is not Severity.ERROR:
            return problem
        stopped = "nothing of the document is generated"
        if self.flow:
            stopped = f'flow "{self.flow}" is not generated, nor is the rest of the document'
        return replace(problem, mend=f"{problem.mend}; {stopped}")

    @property
    def stopping(self) -> bool:
        """Return whether one of them is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)
