"""A batch: each code has its row, in the order asked; what is wrong with the whole question is said of the whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from federation.recognise import CityAnswer
from hub.federated.recognised import RecognisedRoot
from schema.errors import UsageError

GOOD = "91310000XY0000004F"  # right check digits, given to nobody
HERE, THERE = "320400", "320583"


@pytest.fixture
def ask():
    root = RecognisedRoot.__new__(RecognisedRoot)
    root._root, root._batch, root._evidence = SimpleNamespace(index=1, children=()), True, False
    root._past_is_open = False
    root._hub = SimpleNamespace(
        settings=SimpleNamespace(region=HERE, peer_deadline=1.0, copy_max_age=60.0),
        directory=SimpleNamespace(regions=lambda: (HERE, THERE)),
        network=SimpleNamespace(recogniser=None),
        as_of="2026-11-01",
    )
    questions = []

    async def city(region, question, given, asking):
        questions.append((region, question.codes))
        return {code: CityAnswer(region, region, ()) for code in question.codes}

    root._city = city

    async def asking(subjects, **given):
        caller = SimpleNamespace(on_behalf_of=None, client_id="bank", purpose="loan", case=None)
        asked = SimpleNamespace(caller=caller, as_of="2026-11-01")
        return await root({1: {"subjects": subjects, **given}}, asked)

    asking.questions = questions
    return asking


async def test_wrong_codes_and_repeated_ones_have_rows_of_their_own_and_each_city_is_asked_once(ask):
    rows = await ask([GOOD, "nonsense", GOOD.lower(), GOOD, ""])
    assert [row["code"] for row in rows] == [GOOD, "nonsense", GOOD.lower(), GOOD, ""]
    assert [row["error"] and row["error"]["code"] for row in rows] == [
        None,
        "BAD_USER_INPUT",
        None,
        None,
        "BAD_USER_INPUT",
    ]
    assert [row["answers"] and len(row["answers"]) for row in rows] == [2, None, 2, 2, None]
    assert ask.questions == [(HERE, (GOOD,)), (THERE, (GOOD,))]


@pytest.mark.parametrize("subjects", [[GOOD], ["nonsense"], []], ids=["good", "wrong", "none"])
@pytest.mark.parametrize("given", [{"regions": ["999999"]}, {"regions": []}, {"knownAt": "2026-11-01T00:00:00Z"}])
async def test_regions_and_times_that_cannot_be_asked_are_refused_whatever_the_codes(ask, subjects, given):
    with pytest.raises(UsageError):
        await ask(subjects, **given)
    assert ask.questions == []
