"""Files as people save them, and what is said of those that cannot be read."""

import pytest

from capacity.commands.tables import read_table, read_text
from capacity.errors import FileRefused


@pytest.fixture
def saved(tmp_path):
    def save(raw: bytes):
        path = tmp_path / "lits.csv"
        path.write_bytes(raw)
        return path

    return save


@pytest.mark.parametrize(
    "raw",
    [
        b"site,lits\nA,3\n",
        b"site;lits\r\nA;3\r\n",
        b"site\tlits\nA\t3",
        b"\xef\xbb\xbfsite;lits\nA;3\n",
        "site;lits\nA;3\n".encode("utf-16"),
        b"sep=;\r\nsite;lits\r\nA;3\r\n",
        b"\n\nsite , lits,\n\n A , 3 ,\n",
    ],
)
def test_separators_marks_blanks_and_empty_lines_make_no_difference(saved, raw):
    table = read_table(read_text(saved(raw)), "lits.csv")
    assert table.columns == ["site", "lits"]
    assert [line.cells for line in table.lines] == [{"site": "A", "lits": "3"}]
    assert table.flaws == []


def test_a_record_has_the_number_of_the_line_that_it_begins_on():
    table = read_table('site,note\nA,"two\nlines"\n\nB,x\n', "f")
    assert [line.number for line in table.lines] == [2, 5]


def test_the_number_counts_the_line_of_excel_too():
    table = read_table("sep=;\nsite;lits\nA;3\n", "f")
    assert [line.number for line in table.lines] == [3]


def test_lines_of_another_length_are_flaws_and_the_rest_is_read():
    table = read_table("a,b\n1\n1,2\n1,2,3\n", "f.csv")
    assert [line.cells for line in table.lines] == [{"a": "1", "b": "2"}]
    assert [str(flaw) for flaw in table.flaws] == [
        "f.csv:2: has 1 cells where the header has 2",
        "f.csv:4: has 3 cells where the header has 2",
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        (b"a,b\nc,caf\xe9\n", "lits.csv:2: byte 0xe9 is not UTF-8; if Excel for Windows saved it"),
        (b"PK\x03\x04\0\0", "lits.csv:1: this is not a text file"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(saved, raw, said):
    with pytest.raises(FileRefused, match=said.replace("(", r"\(")):
        read_text(saved(raw))


def test_another_encoding_can_be_named(saved):
    assert "café" in read_text(saved(b"a,caf\xe9\n"), "cp1252")


def test_an_encoding_that_does_not_exist_is_refused(saved):
    with pytest.raises(FileRefused, match="no encoding called utf-9"):
        read_text(saved(b"a"), "utf-9")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="No such file"):
        read_text(tmp_path / "nothing.csv")


def test_a_column_named_twice_is_refused():
    with pytest.raises(FileRefused, match="f:1: lits: stands twice in the header"):
        read_table("lits,site,lits\n1,2,3\n", "f")


def test_a_quote_that_never_ends_is_refused():
    with pytest.raises(FileRefused, match="this is not CSV"):
        read_table('a,b\n1,"2\n', "f")


def test_a_missing_column_is_named_with_its_nearest():
    table = read_table("Capacitee,site\n1,2\n", "f")
    with pytest.raises(FileRefused, match="f:1: capacity: is missing; did you mean 'Capacitee'"):
        table.require(["capacity", "site"])
