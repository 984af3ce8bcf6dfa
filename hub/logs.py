"""Structured logs: one JSON object a line on standard error, without personal data.

Only what callers pass as ``extra={"fields": {...}}`` and the message itself are written. As a last line of defence
a citizen ID number in any text is masked (GB 11643 shape), since a message may quote somebody's input.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

_ID_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?![\dXx])")


def mask_numbers(text: str) -> str:
    return _ID_NUMBER.sub(r"\1********\2", text)


class JsonFormatter(logging.Formatter):
    """Time (RFC 3339, UTC), level, logger, message, fields; an exception's frames but not its values."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            entry.update(fields)
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            entry["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
        return mask_numbers(json.dumps(entry, ensure_ascii=False, default=str))


def configure_logging(level: str) -> None:
    """Replaces the root handlers; the drivers' own chatter stays at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("neo4j", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel("WARNING")
    logging.getLogger("neo4j").setLevel("CRITICAL")
