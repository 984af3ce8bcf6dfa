"""``demo --check``: asks the running hubs as any client would, verifies their answers offline, says what it saw."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.cli.query import LocalAsker
from hub.demo.examples import EFFECTS, LISTED, RECOGNISED, Failed, ask, held_in, settings_of
from hub.demo.hubs import RunningHub, Say
from hub.evidence.directories import trust_in_directory
from hub.evidence.parts import verify_file
from hub.evidence.trust import trust_for
from hub.settings import load_settings

SETTLE_WITHIN = 90.0  # seconds until every hub has its neighbours' feeds and the persons they share
PROVEN = """query Proven($code: USCC!) { recognised(subject: $code) { region status basis evidence } }"""


async def check(hubs: Sequence[RunningHub], directory: Path, folder: Path, say: Say) -> None:
    """Raises Failed with what does not hold."""
    first = hubs[0]
    async with LocalAsker(settings_of(first)) as asker:
        codes = await _pierced(first, asker, folder, directory, say)
        if len(hubs) > 1:
            await _settled(hubs, say)
            await _federated(hubs, asker, codes, folder, directory, say)
    say("all held 全部通过")


async def _pierced(hub: RunningHub, asker: LocalAsker, folder: Path, directory: Path, say: Say) -> list[str]:
    """A penalty that reaches a person, with rule, article, path and term; its answer verified and then forged."""
    data, _ = await ask(asker, LISTED, {})
    subjects = {node["subject"]["code"]: node["subject"] for node in data["records"]["nodes"]}
    say(f"{hub.city.name}: {len(subjects)} subjects with adverse records 有不良记录的主体")
    for code in subjects:
        data, exchange = await ask(asker, EFFECTS, {"code": code})
        if data["penetration"]["reached"]:
            subject = subjects[code]
            break
    else:
        raise Failed("no record reaches anybody")
    effect = data["penetration"]["reached"][0]
    path = " → ".join(f"{e['kind']} {e['validFrom']}…{e['validTo'] or ''}" for e in effect["path"])
    say(f"{subject['name']} {effect['source']['documentNumber']} → {effect['person']['name']}")
    mark = " [illustrative 示例规则]" if effect["illustrative"] else ""
    say(f"  rule 规则 {effect['ruleId']}{mark} ({effect['effect']}): {effect['article']}")
    say(f"  path 路径 {path}; attributed 归属 {effect['attributedOn']}; until 截止 {effect['until']}")
    bundle = await asker.bundle("credit:mutual", exchange)
    _verified(bundle, directory, folder, say, f"answer of {hub.city.name}")
    body = base64.b64decode(bundle["response"]["body"]).replace(b"attributedOn", b"AttributedOn", 1)
    bundle["response"]["body"] = base64.b64encode(body).decode()
    if _verdict(bundle, directory, folder)["ok"]:
        raise Failed("a changed answer was taken for a good one")
    say("  the same answer with one letter changed is refused 篡改后验证失败")
    return list(subjects)


async def _settled(hubs: Sequence[RunningHub], say: Say) -> None:
    """Waits until every hub has found its neighbours."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_WITHIN
    for hub in hubs:
        async with LocalAsker(settings_of(hub)) as asker:
            while True:
                data, _ = await ask(asker, RECOGNISED, {"codes": ["91320400XY0000000X"]})
                data, _ = await ask(asker, PROVEN, {"code": await _any_code(asker)})
                answers = data["recognised"]
                regions = {one["region"] for one in answers if one["status"] != "UNREACHABLE"}
                if regions == {other.city.region for other in hubs}:
                    break
                if loop.time() > deadline:
                    raise Failed(f"{hub.city.name} does not reach all of its neighbours: {sorted(regions)}")
                await asyncio.sleep(1)
    say(f"{len(hubs)} hubs know each other by the signed directory 各枢纽已通过签名名录互联")


async def _any_code(asker: LocalAsker) -> str:
    data, _ = await ask(asker, LISTED, {})
    return str(data["records"]["nodes"][0]["subject"]["code"])


async def _federated(
    hubs: Sequence[RunningHub], asker: LocalAsker, codes: Sequence[str], folder: Path, directory: Path, say: Say
) -> None:
    """One question to all cities: what each holds, what it means here, and each one's own proof."""
    data, _ = await ask(asker, RECOGNISED, {"codes": list(codes)[:200]})
    names = {hub.city.region: hub.city.name for hub in hubs}

    row = max(data["recognisedBatch"], key=lambda one: len(held_in(one)))
    if len(held_in(row)) < 2:
        raise Failed("no subject is known in two cities")
    say(f"{row['code']}, city by city 逐市答复:")
    for one in row["answers"]:
        value = one["value"] or {}
        what = value.get("documentNumber") or value.get("grade") or "—"
        means = (
            f"{one['mappedValue']} ({one['agreement']})"
            if one["agreement"] and one["mappedValue"]
            else one["reason"] or ""
        )
        say(f"  {names[one['region']]} {one['status']} {one['basis'] or ''} {what} {means}")
    _, exchange = await ask(asker, PROVEN, {"code": row["code"]})
    bundle = await asker.bundle("credit:mutual", exchange)
    verdict = _verified(bundle, directory, folder, say, "federated answer")
    for part in verdict.get("parts", ()):
        say(f"  part of {names.get(part['region'], part['region'])}: {'ok' if part['ok'] else part['reason']}")
        if not part["ok"]:
            raise Failed(f"the part of {part['region']} does not verify: {part['reason']}")


def _verified(bundle: Mapping[str, Any], directory: Path, folder: Path, say: Say, what: str) -> dict[str, Any]:
    verdict = _verdict(bundle, directory, folder)
    if not verdict["ok"]:
        raise Failed(f"the {what} does not verify: {verdict['reason']} {verdict.get('detail', '')}")
    say(f"  {what}: signature, receipt, inclusion proof and checkpoint hold, checked offline 离线验证通过")
    return verdict


def _verdict(bundle: Mapping[str, Any], directory: Path, folder: Path) -> dict[str, Any]:
    anchors = sorted((folder / "anchors").glob("*.pub.jwk"))
    settings = load_settings({"HUB_TRUST_ANCHORS": os.pathsep.join(map(str, anchors))})
    trust = trust_for(directory, settings, trust_in_directory)
    return verify_file(json.dumps(bundle).encode(), trust)
