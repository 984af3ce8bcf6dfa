"""Files of bulk gate checks: codes in, a job that can be cut and taken up again, results as lines and a workbook."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hub.ledger.tree import fold, leaf_hash, pair_hash
from schema.errors import UsageError
from schema.identifiers import normalise_code, uscc_fault

MOST = 1_000_000  # rows of one file


def read_codes(path: Path) -> list[str]:
    """The code of each row: its first cell that is one, else its first cell as it stands. A first row without
    anything as long as a code is taken for headers. Raises UsageError."""
    try:
        rows = _workbook(path) if path.suffix.lower() == ".xlsx" else _text(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="give a file of codes 请给出代码文件"
        ) from None
    rows = [cells for cells in rows if any(cells)]
    if len(rows) > 1 and not any(len(normalise_code(cell)[0]) >= 15 for cell in rows[0]):
        rows = rows[1:]
    if not rows or len(rows) > MOST:
        raise UsageError(f"{path} has {len(rows)} rows", hint=f"1 to {MOST} rows with one code each 请检查文件")
    return [next((cell for cell in cells if _is_code(cell)), next(filter(None, cells))) for cells in rows]


def _is_code(cell: str) -> bool:
    return not uscc_fault(normalise_code(cell)[0])


def _text(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    return [[cell.strip()[:100] for cell in cells] for cells in csv.reader(io.StringIO(text))]


def _workbook(path: Path) -> list[list[str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception:
        raise UsageError(f"{path} is no XLSX workbook", hint="save it as XLSX or CSV 请另存为 XLSX") from None
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        return [["" if cell is None else str(cell).strip()[:100] for cell in cells] for cells in rows]
    finally:
        book.close()


@dataclass(slots=True)
class Job:
    """One run over one file. ``part`` begins with what the job is about; each part's rows are added at once."""

    id: str
    matter: str
    part: Path
    result: Path
    done: int = 0

    @property
    def key(self) -> str:
        """The idempotency key of the next part."""
        return f"{self.id}-{self.done}"

    @classmethod
    def open(cls, prefix: Path, codes: Sequence[str], matter: str, stage: str) -> Job:
        """A new job, or the one under ``prefix`` that was cut. Raises UsageError when that is about other things."""
        digest = hashlib.sha256("\n".join([matter, stage, *codes]).encode()).hexdigest()
        part, result = prefix.with_name(prefix.name + ".part"), prefix.with_name(prefix.name + ".jsonl")
        try:
            if part.exists():
                return cls._again(part, result, digest, matter)
            job = cls(str(uuid.uuid4()), matter, part, result)
            part.write_bytes(orjson.dumps({"job": job.id, "about": digest}) + b"\n")
        except OSError as error:
            raise UsageError(f"{part} cannot be written: {error.strerror}", hint="give another --out") from None
        return job

    @classmethod
    def _again(cls, part: Path, result: Path, digest: str, matter: str) -> Job:
        data = part.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.splitlines()
        try:
            header = orjson.loads(lines[0])
            about, named = header["about"], str(header["job"])
        except (IndexError, KeyError, ValueError, TypeError):
            about = named = ""
        if about != digest:
            raise UsageError(
                f"{part} belongs to a check of another file, matter or stage",
                hint="remove it, or give another --out 请删除或更换前缀",
            )
        parts = [orjson.loads(line) for line in lines[1:]]
        part.write_bytes(whole)
        return cls(named, matter, part, result, sum(len(rows) for rows in parts))

    def add(self, rows: Sequence[Any]) -> None:
        with self.part.open("ab") as file:
            file.write(orjson.dumps(rows) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.done += len(rows)

    def finish(self) -> tuple[str, dict[str, int]]:
        """Writes the result; the Merkle root over its lines (hex), and how often each decision was made."""
        counts: Counter[str] = Counter()
        leaves: list[bytes] = []
        draft = self.result.with_suffix(".tmp")
        with self.part.open("rb") as parts, draft.open("wb") as out:
            next(parts)
            for part in parts:
                for row in orjson.loads(part):
                    line = orjson.dumps({"row": len(leaves) + 1, **row})
                    out.write(line + b"\n")
                    leaves.append(leaf_hash(line))
                    counts[row["case"]["decision"] if row["case"] else "ERROR"] += 1
        draft.replace(self.result)
        self.part.unlink()
        return merkle_root(leaves).hex(), dict(counts)


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1 over hashed leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    width = len(leaves)
    if width & (width - 1) == 0:
        return fold(leaves)
    middle = 1 << ((width - 1).bit_length() - 1)
    return pair_hash(merkle_root(leaves[:middle]), merkle_root(leaves[middle:]))


def write_workbook(path: Path, result: Path, columns: Sequence[str]) -> None:
    """The result as a workbook, one row a subject."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("核查结果")
    sheet.append(list(columns))
    with result.open("rb") as lines:
        for line in lines:
            row = orjson.loads(line)
            case = row["case"] or {"findings": [], "decision": "", "id": "", "receipt": ""}
            rules = "；".join(finding["rule"] for finding in case["findings"])
            measures = "；".join(finding["measure"]["title"] for finding in case["findings"])
            fault = (row["error"] or {}).get("hint", "")
            cells = [row["row"], row["code"], case["decision"], rules, measures, case["id"], case["receipt"], fault]
            sheet.append([cell if isinstance(cell, int) or cell[:1] not in "=+-@" else f"'{cell}" for cell in cells])
    book.save(path)
