"""A new key for the log: old heads keep holding, the change is in the log itself, who knows one key reads on."""

from __future__ import annotations

import asyncio

import pytest
from ledger_tools import entry, proven

from hub.evidence.trust import hub_from_document
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.log_keys import LogKeys
from hub.ledger.notes import Checkpoint, NoteVerifier, open_checkpoint
from hub.ledger.rotation import rotate_log_key
from hub.settings import Settings


@pytest.mark.parametrize("compromised", [False, True])
async def test_heads_before_and_after_hold_in_the_running_log(settings: Settings, compromised: bool) -> None:
    async with await Ledger.open(settings) as running:
        first = await running.commit(entry())
        old_head = (await proven(running, first.id))["checkpoint"]
        only_old = NoteVerifier.parse(running.identity["key"])
        async with await Ledger.open(settings, keys=running.keys) as command:  # as the command does, beside the hub
            before, after = await rotate_log_key(command, settings, compromised=compromised)
        assert running.identity["key"] == after != before
        assert [each["key"] for each in running.identity["earlier"]] == [before]
        second = await running.commit(entry())
        new_head = (await proven(running, second.id))["checkpoint"]
        now = NoteVerifier.from_facts(running.identity)
        assert open_checkpoint(old_head, [now]).size < open_checkpoint(new_head, [now]).size
        only_new = NoteVerifier.parse(after)
        assert open_checkpoint(new_head, [only_new])
        if compromised:
            with pytest.raises(ValueError, match="not signed"):
                open_checkpoint(new_head, [only_old])
        else:
            assert open_checkpoint(new_head, [only_old]), "a neighbour whose directory is a little older reads on"
        document = {"keys": [key.jwk for key in running.keys.public()], "ledger": running.identity}
        assert hub_from_document(document).logs == (now,)
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    async with await Ledger.open(settings) as again:
        assert again.identity["key"] == after
        await again.commit(entry())
    assert audit_ledger(settings).ok


async def test_old_key_alone_makes_no_head_beyond_its_time(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        await ledger.commit(entry())
        thief = LogKeys(settings).signer()
        await rotate_log_key(ledger, settings, compromised=True)
        facts = ledger.identity
    size = facts["earlier"][0]["size"]
    forged = thief.sign(Checkpoint(thief.name, size + 1, bytes(32)).text)
    with pytest.raises(ValueError, match="not signed"):
        open_checkpoint(forged, [NoteVerifier.from_facts(facts)])


async def test_private_half_of_a_compromised_log_key_is_gone(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        await rotate_log_key(ledger, settings, compromised=False)
        planned = LogKeys(settings).read() or {}
        assert "key" in planned["earlier"][0], "it signs along"
        await rotate_log_key(ledger, settings, compromised=True)
    saved = LogKeys(settings).read() or {}
    assert [sorted(each) for each in saved["earlier"]] == [["size", "until", "vkey"]] * 2


async def test_many_answers_during_a_rotation_are_all_covered(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        async with asyncio.TaskGroup() as group:
            group.create_task(rotate_log_key(ledger, settings))
            tasks = [group.create_task(ledger.commit(entry())) for _ in range(200)]
        for task in tasks[::20]:
            assert await proven(ledger, task.result().id)
    audit = audit_ledger(settings)
    assert audit.ok, audit.problems
    assert audit.waiting == 0


async def test_invalidated_signing_key_is_in_the_log_and_the_log_still_holds(settings: Settings) -> None:
    async with await Ledger.open(settings) as ledger:
        receipt = await ledger.commit(entry())
        bad = ledger.keys.current().kid
        await ledger.invalidate_key(bad, 1_767_225_600)
        assert ledger.keys.current().kid != bad
        assert await proven(ledger, receipt.id)
    assert audit_ledger(settings).ok, "what it signed stays logged; only evidence no longer takes it"
