"""What a load shows while it runs: a bar with rate and time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from graph_loaders.report import LoadReport
    from graph_loaders.transform import FileRun

LINE_EVERY = 5.0  # seconds between two plain lines about one file
LOOK_EVERY = 0.25


class Progress:
    """Follows the file that is being read. Everything goes to standard error."""

    def __init__(self) -> None:
        self._file: FileRun | None = None
        self._began = 0.0
        self._said = 0.0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            self._bar = Bars(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
        if self._bar is not None:
            self._bar.stop()

    def waiting(self) -> None:
        print("waiting for another load to end 等待另一个加载任务 …", file=sys.stderr)

    def reading(self, file: FileRun) -> None:
        """The next file begins."""
        self._finish()
        self._file, self._began, self._said = file, time.monotonic(), time.monotonic()
        if self._bar is not None:
            name = f"{file.source.kind} {file.source.name}"
            self._task = self._bar.add_task(name, total=file.total, rate="")

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Looks at the file from time to time."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._file is None:
                continue
            if self._bar is not None:
                self._bar.update(self._task, completed=self._file.done, rate=f"{self._rate():,.0f} rows/s 行/秒")
            elif time.monotonic() - self._said >= LINE_EVERY:
                self._said = time.monotonic()
                self._line(f"{100 * self._file.done / self._file.total:.0f} %")

    def _finish(self) -> None:
        if self._file is None:
            return
        if self._bar is not None:
            self._bar.update(self._task, completed=self._file.total, rate=f"{self._rate():,.0f} rows/s 行/秒")
        else:
            self._line("done 完成")
        self._file = None

    def _rate(self) -> float:
        return self._file.report.rows / max(time.monotonic() - self._began, 1e-3) if self._file else 0.0

    def _line(self, state: str) -> None:
        assert self._file is not None
        rows = self._file.report.rows
        print(f"{self._file.source.name}: {state}, {rows} rows 行, {self._rate():.0f}/s", file=sys.stderr)


def summary(report: LoadReport, *, dry_run: bool) -> None:
    """A table of counts by kind, on standard output."""
    from rich.console import Console
    from rich.table import Table

    title = f"load {report.run} 加载" + (" (dry run 未写入)" if dry_run else "")
    table = Table(title=title, title_justify="left")
    table.add_column("kind 类别")
    for name in ("rows 行", "accepted 接收", "duplicates 重复", "set aside 隔离", "warnings 提示"):
        table.add_column(name, justify="right")
    table.add_column("reasons 原因")
    for kind, entry in report.as_json()["files"].items():
        counts = (entry["rows"], entry["accepted"], entry["duplicates"], sum(entry["quarantined"].values()))
        reasons = ", ".join(f"{reason} {count}" for reason, count in entry["quarantined"].items())
        if unmatched := len(entry.get("unmatched", ())):
            reasons = ", ".join(filter(None, (reasons, f"unmatched 未匹配 {unmatched}")))
        table.add_row(kind, *map(str, counts), str(sum(entry["warnings"].values())), reasons)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
