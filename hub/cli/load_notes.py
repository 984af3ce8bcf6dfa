"""What a load says on standard error about what it has not read: files, sheets and columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_loaders.report import LoadReport
    from graph_loaders.sources import Found


def say_skipped(found: Found) -> None:
    """One line for each file that looks like a table, one for all the others."""
    others = [entry.path for entry in found.skipped if not entry.data]
    if others:
        print(f"credit-hub: passed over 已跳过: {', '.join(others)}", file=sys.stderr)
    for entry in found.overlooked:
        print(f"credit-hub: not loaded 未加载: {entry.path}: {entry.reason}; {entry.hint}", file=sys.stderr)


def say_unread(report: LoadReport) -> None:
    """Columns by whose names facts may hang on them, and rows and sheets that nobody sees in a workbook."""
    for file in report.files:
        if file.doubtful:
            print(
                f"credit-hub: {file.path}: NOT READ, although facts may hang on it 以下列未读取，可能影响事实: "
                f"{', '.join(file.doubtful)} (see --explain; name it in a --source profile)",
                file=sys.stderr,
            )
        if file.notes:
            notes = ", ".join(f"{name} {count}" for name, count in sorted(file.notes.items()))
            print(f"credit-hub: {file.path}: read although hidden 已读取隐藏内容: {notes}", file=sys.stderr)
