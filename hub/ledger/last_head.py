"""The newest signed head, kept beside the database: one that is set back is noticed by it, as is its own absence."""

from __future__ import annotations

from pathlib import Path

from hub.ledger.notes import Checkpoint, NoteSigner, parse_checkpoint
from hub.ledger.tree import EMPTY_ROOT
from hub.settings import Settings
from hub.signing.keys import write_private
from schema.errors import ServiceError, SettingsError

FORMAT = "3"  # of the entries that this program writes


class LastHead:
    """``keys/ledger.checkpoint``, and ``keys/ledger.format``: from when on every detail is committed to."""

    def __init__(self, settings: Settings) -> None:
        self._path: Path = settings.data / "keys" / "ledger.checkpoint"
        self._format: Path = settings.data / "keys" / "ledger.format"

    @property
    def name(self) -> str:
        return f"keys/{self._path.name}"

    def begin(self, signer: NoteSigner) -> None:
        """The head of a new log: an empty tree. Raises SettingsError where a log was kept here before."""
        note = self.read()
        if note is not None:
            try:
                size = parse_checkpoint(note).size
            except ValueError:
                size = 1
            if size:
                raise SettingsError(
                    "keys/ledger.json is gone, while a log was kept here",
                    hint="restore it from a backup; without it the log cannot be continued",
                    message_zh="账本密钥缺失",
                )
        self.write(signer.sign(Checkpoint(signer.name, 0, EMPTY_ROOT).text))
        self.mark_format()

    def read(self) -> str | None:
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ServiceError(
                f"{self._path} cannot be read: {error.strerror}", hint="check its owner and mode"
            ) from None

    def write(self, note: str) -> None:
        write_private(self._path, note.encode())

    def has_format(self) -> bool:
        """Whether the log has been of this program's format before."""
        return self._format.exists()

    def mark_format(self) -> None:
        write_private(self._format, FORMAT.encode())
