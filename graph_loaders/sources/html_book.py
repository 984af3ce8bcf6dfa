"""Tables of a web page, as many systems export them under the name ``.xls``. Nothing is fetched, no script is run."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import IO, Any

from graph_loaders.sources.book import DEEPEST, LONGEST_CELL, MOST_COLUMNS, Book, Grid, put, too_much
from schema.errors import UsageError

LARGEST = 128 << 20  # bytes
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|mso-ignore\s*:\s*display)", re.IGNORECASE)
_FRAMES = re.compile(rb"<frameset|<x:WorksheetSource", re.IGNORECASE)
_MOST_SPANNED = 65_536
_WITHOUT_TEXT = frozenset(("script", "style", "head", "title", "noscript", "template"))


def html_book(file: IO[bytes], place: str, encoding: str) -> Book:
    """Every table with rows is a sheet. ``encoding`` is what was found by looking into the file; what the page itself
    says counts first where it holds. Raises UsageError for pages without a table."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_much(place)
    page = _Page()
    page.feed(_decoded(content, encoding))
    page.close()
    page.end_all()
    sheets = [table.grid.sheet() for table in page.tables]
    if sheets:
        return Book(sheets)
    if _FRAMES.search(content):
        raise UsageError(
            f"{place} is the frame of a web page; its table is in other files",
            hint="save it as one .xlsx workbook",
            message_zh="该文件只是网页框架，请另存为 .xlsx",
        )
    raise UsageError(
        f"{place} is an HTML page without a table",
        hint="export it again (it may be an error or login page), as .xlsx or CSV",
        message_zh="该文件是网页且没有表格，请重新导出",
    )


def _decoded(content: bytes, encoding: str) -> str:
    declared = _CHARSET.search(content[:4096])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    if encoding != "utf-16" and name in ("gb2312", "gbk", "gb18030", "x-gbk", "utf-8", "utf8"):
        try:
            return content.decode("utf-8-sig" if name.startswith("utf") else "gb18030")
        except UnicodeDecodeError:
            pass  # the page is wrong about itself
    return content.decode(encoding, "replace").removeprefix("\ufeff")


class _Table:
    """One table while it is read: cells of the open row, and how far cells above still reach down."""

    def __init__(self, number: int) -> None:
        self.grid = Grid(f"table {number}")
        self.row = 0
        self.column = 0
        self.hidden = False
        self.cells: list[Any] = []
        self.inside = False
        self.text: list[str] | None = None
        self.size = 0
        self.spans = (1, 1)
        self.reaching: dict[int, int] = {}  # column → last row

    def begin_row(self, hidden: bool) -> None:
        self.end_row()
        self.row += 1
        self.column = 0
        self.cells = []
        self.hidden = hidden
        self.inside = True

    def begin_cell(self, down: int, across: int) -> None:
        self.end_cell()
        if not self.inside:
            self.begin_row(False)
        while self.reaching.get(self.column, 0) >= self.row:
            self.column += 1
        self.text, self.size = [], 0
        self.spans = (down, across)

    def end_cell(self) -> None:
        if self.text is None:
            return
        value = "\n".join(" ".join(line.split()) for line in "".join(self.text).split("\n")).strip()
        self.text = None
        down, across = self.spans
        put(self.cells, self.column, value)
        self.grid.merge(self.row, self.column, down - 1, across - 1)
        for column in range(self.column, self.column + across):
            if down > 1:
                self.reaching[column] = self.row + down - 1
        self.column += across

    def end_row(self) -> None:
        self.end_cell()
        if self.inside:
            self.grid.add(self.row, self.cells, self.hidden)
        self.inside = False


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._without = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _WITHOUT_TEXT:
            self._without += 1
        elif tag == "table":
            if len(self._open) >= DEEPEST:
                raise UsageError("the page has tables in tables beyond any sense", hint="export it as CSV")
            self._open.append(_Table(len(self.tables) + 1))
            self.tables.append(self._open[-1])
        elif not self._open:
            return
        elif tag == "tr":
            self._without = 0
            self._open[-1].begin_row(bool(_HIDDEN.search(given.get("style", ""))))
        elif tag in ("td", "th"):
            across = _span(given.get("colspan", ""), MOST_COLUMNS)
            self._open[-1].begin_cell(_span(given.get("rowspan", ""), _MOST_SPANNED), across)
        elif tag in ("br", "p", "div"):
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _WITHOUT_TEXT:
            self._without = max(0, self._without - 1)
        elif self._open and tag in ("td", "th"):
            self._open[-1].end_cell()
        elif self._open and tag == "tr":
            self._open[-1].end_row()
        elif self._open and tag == "table":
            self._open.pop().end_row()

    def handle_data(self, data: str) -> None:
        if self._open and not self._without:
            table = self._open[-1]
            if table.text is not None and table.size < LONGEST_CELL:
                # line feeds of the source are blanks; those of <br> come one at a time
                table.text.append(data if data == "\n" else " ".join(data.split("\n")))
                table.size += len(data)

    def end_all(self) -> None:
        while self._open:
            self._open.pop().end_row()


def _span(text: str, most: int) -> int:
    text = text.strip()
    return min(max(1, int(text)), most) if text.isascii() and text.isdigit() and len(text) < 9 else 1
