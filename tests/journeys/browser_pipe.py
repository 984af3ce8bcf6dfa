"""A real browser, driven over the pipe of the Chrome DevTools Protocol: nothing to install but Chromium itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOW = "needs Chromium: apt install chromium 需要 Chromium"
PATIENCE = 60.0  # seconds


class Page:
    """One page. Whatever it complains of (exceptions, refused resources, console errors) is in ``complaints``."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self._to, self._back, self._last, self._session = to, back, 0, ""
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are awaited."""
        done = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise AssertionError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def wait(self, script: str) -> Any:
        """The first value of an expression that is true. Fails with what the page shows."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            value = self.run(f"(found => found instanceof Node || found)({script})")
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"never came: {script}\n{self.run('document.body.innerText')}\n{self.complaints}")

    def run_when(self, script: str, there: str) -> Any:
        """The value of ``script`` once ``there`` is true."""
        self.wait(there)
        return self.run(script)

    def call(self, method: str, **params: Any) -> Any:
        """A command of the protocol in this page's session."""
        return self._call(method, **params)

    def fill(self, selector: str, text: str) -> None:
        """Types into a field as React sees it: the native setter, then an input event."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.run(
            f"(() => {{ const field = {found}; const kind = Object.getPrototypeOf(field);"
            f" Object.getOwnPropertyDescriptor(kind, 'value').set.call(field, {json.dumps(text)});"
            " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )

    def _call(self, method: str, **params: Any) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            said = json.loads(self._read())
            if said.get("id") == self._last:
                if "error" in said:
                    raise AssertionError(f"{method}: {said['error']}")
                return said["result"]
            self._hear(said)

    def _read(self) -> bytes:
        found = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            if not byte:
                raise AssertionError("the browser has gone")
            found += byte
        return bytes(found)

    def _hear(self, said: dict[str, Any]) -> None:
        params = said.get("params", {})
        if said.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:500])
        elif said.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])
        elif said.get("method") == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(json.dumps(params["args"])[:500])


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, with its profile and pipes in ``folder``; ended with the block."""
    assert CHROMIUM
    there, back = folder / "there", folder / "back"
    for pipe in (there, back):
        os.mkfifo(pipe)
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    options += ["--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}"]
    script = 'there=$1 back=$2; shift 2; exec "$@" 3<"$there" 4>"$back"'
    command = ["sh", "-c", script, "sh", str(there), str(back), CHROMIUM, *options]
    own = {**os.environ, "TMPDIR": str(folder)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=own)
    try:
        with there.open("wb") as to, back.open("rb") as heard:
            yield Page(to, heard)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
