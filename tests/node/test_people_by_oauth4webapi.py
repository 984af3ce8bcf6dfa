"""A certified client library gets a person's token from the hub: npm oauth4webapi, with and without server nonces."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration" / "auth"))

from oauth_hub import running_auth  # noqa: E402
from people_at_hub import Somebody  # noqa: E402

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("npm") is None or shutil.which("node") is None, reason="needs Node and npm"),
]


async def _install() -> None:
    process = await asyncio.create_subprocess_exec("npm", "ci", "--silent", cwd=HERE)
    async with asyncio.timeout(180):
        assert await process.wait() == 0


@pytest.mark.parametrize("nonce", [False, True])
async def test_a_certified_client_gets_a_token_once(tmp_path: Path, nonce: bool) -> None:
    if not (HERE / "node_modules" / "oauth4webapi").is_dir():
        await _install()
    async with running_auth(tmp_path, dpop_nonce=nonce) as hub:
        who = await Somebody.enrolled(hub)
        process = await asyncio.create_subprocess_exec(
            "node",
            "people_client.mjs",
            hub.base,
            cwd=HERE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(120):
                assert process.stdout is not None
                address = (await process.stdout.readline()).decode().strip()
                answer = await who.sign_in(address)
                assert answer.status_code == 200, answer.text
                said, _ = await process.communicate(f"{answer.json()['to']}\n".encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert json.loads(said) == {"scope": "credit:gate", "type": "dpop", "again": "invalid_grant"}
