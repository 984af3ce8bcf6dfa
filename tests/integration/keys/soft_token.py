"""A SoftHSM token in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
HOW = "needs SoftHSM (apt: softhsm2) and the extra pkcs11"


def module() -> str | None:
    found = next((path for path in MODULES if Path(path).exists()), None)
    return found if shutil.which("softhsm2-util") else None


@dataclass(frozen=True)
class SoftToken:
    """A token, its pkcs11: URI, and the environment that a process needs to see it."""

    folder: Path
    label: str
    pin: str

    @property
    def uri(self) -> str:
        return f"pkcs11:token={self.label}?module-path={module()}&pin-source=file:{self.folder / 'pin'}"

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    @classmethod
    def make(cls, folder: Path, label: str = "hub", pin: str = "48151623") -> SoftToken:
        made = cls(folder, label, pin)
        (folder / "tokens").mkdir(parents=True)
        (folder / "pin").write_text(pin + "\n")
        (folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        )
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", pin, "--pin", pin]
        subprocess.run(command, env={**os.environ, **made.environment}, check=True, capture_output=True)
        return made
