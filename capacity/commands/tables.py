"""Reads tables as people really save them: any separator, a BOM, French Excel. Flaws are told by line."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from capacity.errors import FileRefused

SEPARATORS = ",;\t"
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in one place of a file. Line 0 speaks of the file as a whole."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        """`file:line: column: message`, as editors understand it."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Line:
    """One record: its first line in the file, and its cells by column, without blanks around them."""

    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Table:
    """A file's records and what was wrong with those that are not among them."""

    file: str
    columns: list[str]
    lines: list[Line] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def flaw(self, line: int, column: str, message: str) -> Flaw:
        """A flaw of this file."""
        return Flaw(self.file, line, column, message)

    def require(self, columns: Iterable[str]) -> None:
        """Raises FileRefused, with the nearest name there is, when a column is missing."""
        missing = [column for column in dict.fromkeys(columns) if column not in self.columns]
        if missing:
            flaws = (self.flaw(1, column, f"is missing{self._nearest(column)}") for column in missing)
            raise FileRefused(*flaws)

    def _nearest(self, column: str) -> str:
        by_lower = {name.lower(): name for name in self.columns}
        near = get_close_matches(column.lower(), by_lower, n=1)
        return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file; a byte-order mark decides over `encoding`, which else is UTF-8.

    Raises:
        FileRefused: it is not there, is empty, or is not text in that encoding.
    """
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise FileRefused(f"{path}: {exc.strerror}") from exc
    encoding = next((name for bom, name in BOMS if raw.startswith(bom)), encoding or "utf-8")
    try:
        text = raw.decode(encoding)
    except LookupError as exc:
        raise FileRefused(f"{path}: there is no encoding called {encoding}") from exc
    except UnicodeDecodeError as exc:
        line = raw[: exc.start].count(b"\n") + 1
        advice = "; if Excel for Windows saved it, add --encoding cp1252" if encoding == "utf-8" else ""
        message = f"byte 0x{raw[exc.start]:02x} is not {encoding.upper()}{advice}"
        raise FileRefused(Flaw(str(path), line, "", message)) from exc
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise FileRefused(Flaw(str(path), line, "", "this is not a text file: it has a zero byte"))
    if not text.strip():
        raise FileRefused(f"{path}: the file is empty")
    return text


def read_table(text: str, file: str) -> Table:
    """The records under the header line; those with too few or too many cells become flaws.

    Raises:
        FileRefused: the header names a column twice, or the text breaks the rules of CSV.
    """
    separator, text_after = _separator(text)
    skipped = text[: len(text) - len(text_after)].count("\n")
    records = _records(text_after, separator, file, skipped)
    number, header = next(records)
    columns = [cell.strip() for cell in header]
    while columns and not columns[-1]:
        columns.pop()  # spreadsheets like to end lines with empty cells
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise FileRefused(*(Flaw(file, number, column, "stands twice in the header") for column in twice))
    table = Table(file, columns)
    for number, cells in records:
        if any(cells[len(columns) :]) or len(cells) < len(columns):
            message = f"has {len(cells)} cells where the header has {len(columns)}"
            table.flaws.append(table.flaw(number, "", message))
        else:
            by_column = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
            table.lines.append(Line(number, by_column))
    return table


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text after Excel's own `sep=;` line where there is one."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip()) == 5:
        return first[4], rest
    header = next(line for line in text.splitlines() if line.strip())
    return max(SEPARATORS, key=header.count), text


def _records(text: str, separator: str, file: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the number of the line that it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        begins = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            raise FileRefused(Flaw(file, begins, "", f"this is not CSV: {exc}")) from exc
        if any(cell.strip() for cell in cells):
            yield begins, cells
