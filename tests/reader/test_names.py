"""Which words of a side's full name are its label: the title, the headers and the file's name tell."""

import pytest
from specbridge.reader.read import read_document

_DOCUMENT = """\
{bar}
{title}
{bar}

Heading to be seen
------------------
The following properties are synchronized between a {source} and a {target}:

.. list-table::
   :header-rows: 1

   * - {source} Property
     - {target} Property
     - {label} Data Type
"""


@pytest.mark.parametrize(
    ("path", "title", "source", "expected"),
    [
        ("acme-zendesk.rst", "Acme to Zendesk Dataflow", "Acme Contact", ("Acme", "Contact")),
        ("acme-zendesk.rst", " to Zendesk Dataflow", " Contact", ("", "Contact")),
        ("acme-zendesk.rst", " to Zendesk Dataflow", " Sales Order", ("", "Sales Order")),
        ("acme-zendesk.rst", " to Zendesk Dataflow", "Acme Contact", ("Acme", "Contact")),
        ("acme-zendesk.rst", " to Zendesk Dataflow", "ACME Sales Order", ("ACME", "Sales Order")),
        (
            "a/exactonline-zendesk.rst",
            " to Zendesk Dataflow",
            "Exact Online X",
            ("Exact Online", "X"),
        ),
        (
            "a\\exact-online-zendesk.rst",
            " to Zendesk Dataflow",
            "Exact Online X",
            ("Exact Online", "X"),
        ),
        ("exactonline-zendesk.rst", " to Zendesk Dataflow", "Exact X Y", ("Exact", "X Y")),
        ("other.rst", " to Zendesk Dataflow", "Acme Sales Order", ("Acme", "Sales Order")),
        ("other.rst", " to Zendesk Dataflow", "Contact", ("", "Contact")),
        ("acme-zendesk.rst", "Former to Zendesk Dataflow", "Acme Contact", ("Acme", "Contact")),
    ],
)
def test_label_and_datatype(path: str, title: str, source: str, expected: tuple[str, str]) -> None:
    text = _DOCUMENT.format(
        bar="=" * 40, title=title, source=source, target="Zendesk Users", label="Zendesk"
    )
    (flow,) = read_document(text, path).flows
    assert (flow.source.label, flow.source.datatype) == expected
    assert (flow.target.label, flow.target.datatype) == ("Zendesk", "Users")
