"""Reading files: what cannot be read is a problem, and many documents are spread over processes."""

from pathlib import Path

from specbridge.reader.read import MANY, read_document, read_documents

from tests.reader.cases import read_texts


def test_many_documents_come_back_in_order(tmp_path: Path) -> None:
    texts = list(read_texts().values())
    paths = []
    for number in range(MANY + 5):
        path = tmp_path / f"{number}.rst"
        path.write_text(texts[number % len(texts)], encoding="utf-8", newline="")
        paths.append(str(path))
    documents = read_documents(paths)
    assert [document.path for document in documents] == paths
    assert documents[7] == read_document(texts[7 % len(texts)], paths[7])


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    broken = tmp_path / "broken.rst"
    broken.write_bytes(b"\xef\xbb\xbfa\nb\n\xff")
    documents = read_documents([str(tmp_path / "none.rst"), str(tmp_path), "a\0b", str(broken)])
    found = [(each.problems[0].code, each.problems[0].where.line) for each in documents]
    assert found == [("E103", 1), ("E103", 1), ("E103", 1), ("E102", 3)]


def test_no_documents_are_no_documents() -> None:
    assert read_documents([]) == ()
