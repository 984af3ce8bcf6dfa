"""``recognised`` and ``recognisedBatch``: own facts from the graph, the neighbours' from them, each judged for here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from federation.ask import Question, ask_peer
from federation.ports import Asker
from federation.recognise import LIVE, CityAnswer, Judge, elements
from federation.shape import pick, selects
from hub.federated.evidence import Evidence
from hub.federated.gate import as_fact
from hub.federated.held import HeldFacts, times_of
from hub.federated.neighbours import Neighbours
from policies.recognition import Recogniser
from schema import times
from schema.errors import UsageError
from schema.identifiers import normalise_code, uscc_fault
from schema.masking import mask_person_ids
from schema.ports import Asking
from schema.selection import Arguments, Select
from schema.visibility import past_is_open


def regions_asked(hub: Neighbours, given: Sequence[str] | None) -> list[str]:
    """The regions of a question, each once, in the order given; None: all of the directory. Raises UsageError."""
    here = hub.settings.region
    known = {here, *hub.directory.regions()}
    if given is None:
        return sorted(known)
    asked = list(dict.fromkeys(given))
    unknown = [region for region in asked if region not in known]
    if unknown or not asked:
        raise UsageError(
            f"no hub of the directory has the region {unknown[0]}" if unknown else "no region is asked",
            hint="known: " + " ".join(sorted(known)),
            message_zh="名录中无此地区",
        )
    return asked


def judge_with(recogniser: Recogniser) -> Judge:
    """``federation.recognise.Judge`` over the agreements in force."""

    def judge(fact: Mapping[str, Any], of: str, at: str, day: str) -> Mapping[str, Any]:
        found = recogniser.recognise(as_fact(fact), of=of, at=at, day=day)
        return {
            "recognised": found.recognised,
            "mappedValue": found.mapped or None,
            "mappingRule": found.rule or None,
            "agreement": found.agreement or None,
            "reason": found.because or None,
            "measures": [
                {"__typename": "AllowedMeasure", "id": m.id, "title": f"{m.title} {m.title_zh}", "basis": m.basis}
                for m in found.measures
            ],
        }

    return judge


def judge_of_both(judge: Judge, today: str) -> Judge:
    """A fact of an earlier day means something only where it does today, too: an agreement that has ended opens no
    measure again (``schema.visibility.past_is_open``)."""

    def both(fact: Mapping[str, Any], of: str, at: str, day: str) -> Mapping[str, Any]:
        then = judge(fact, of, at, day)
        if day == today or not then["recognised"]:
            return then
        now = judge(fact, of, at, today)
        if not now["recognised"]:
            return now
        allowed = {measure["id"] for measure in now["measures"]}
        return {**then, "measures": [measure for measure in then["measures"] if measure["id"] in allowed]}

    return both


class RecognisedRoot:
    """One root field made ready; the selection is cut from full answers."""

    def __init__(self, root: Select, hub: Neighbours, scopes: frozenset[str]) -> None:
        self._root = root
        self._past_is_open = past_is_open(scopes)
        self._hub = hub
        self._batch = root.name == "recognisedBatch"
        self._held = HeldFacts(hub.reader)
        answers = root.children
        if self._batch:
            answers = tuple(c for child in root.children if child.name == "answers" for c in child.children)
        self._evidence = selects(answers, "evidence")

    async def __call__(self, arguments: Arguments, asking: Asking) -> Any:
        given = arguments[self._root.index]
        asked = list(given["subjects"]) if self._batch else [given["subject"]]
        codes = {one: normalise_code(one)[0] for one in asked}
        faults = {one: uscc_fault(code) for one, code in codes.items()}
        if not self._batch and faults[asked[0]]:
            raise _not_a_code(faults[asked[0]])
        good = tuple(dict.fromkeys(code for one, code in codes.items() if not faults[one]))
        regions = self._regions(given)
        found = await self._ask(good, regions, given, asking) if good else {}
        if not self._batch:
            return pick(self._root.children, found[codes[asked[0]]])
        rows = []
        for one in asked:
            error = _not_a_code(faults[one]).extensions() if faults[one] else None
            answers = None if error else found[codes[one]]
            shown = mask_person_ids(one, free=True) if error else one
            rows.append({"__typename": "RecognisedResult", "code": shown, "answers": answers, "error": error})
        return pick(self._root.children, rows)

    def _regions(self, given: Mapping[str, Any]) -> list[str]:
        here = self._hub.settings.region
        regions = regions_asked(self._hub, given.get("regions"))
        if given.get("knownAt") is not None and regions != [here]:
            raise UsageError("knownAt cannot be asked of other regions", hint=f"leave it out, or ask regions: [{here}]")
        return regions

    async def _ask(
        self, codes: tuple[str, ...], regions: Sequence[str], given: Mapping[str, Any], asking: Asking
    ) -> dict[str, list[dict[str, Any]]]:
        hub, here = self._hub, self._hub.settings.region
        day = given.get("asOf") or asking.as_of
        question = Question(
            codes=codes,
            as_of=day,
            today=hub.as_of,
            asker=Asker.of(asking.caller),
            deadline=hub.settings.peer_deadline,
            copy_max_age=hub.settings.copy_max_age,
            prove=Evidence(hub.messenger, hub.network.peers()).prove if self._evidence else None,
        )
        answers = await asyncio.gather(*(self._city(region, question, given, asking) for region in regions))
        for city in answers:
            for answer in city.values():
                if answer.facts is None:
                    asking.lacks(self._root.key, answer.region, answer.status)
        judge = judge_with(hub.network.recogniser)
        if not self._past_is_open:
            judge = judge_of_both(judge, question.today)
        return {
            code: [element for city in answers for element in elements(city[code], here=here, day=day, judge=judge)]
            for code in codes
        }

    async def _city(
        self, region: str, question: Question, given: Mapping[str, Any], asking: Asking
    ) -> dict[str, CityAnswer]:
        hub = self._hub
        if region == hub.settings.region:
            rows = await self._held(list(question.codes), asking, {**times_of(given), "asOf": question.as_of})
            now = times.us_to_iso(times.now_us())
            name = hub.settings.name or region
            return {code: CityAnswer(region, name, facts, basis=LIVE, as_of=now) for code, facts in rows}
        neighbour = hub.network.neighbours.get(region)
        if neighbour is None:
            lost = CityAnswer(region, region, None, status="UNREACHABLE", basis=None, reason="directory")
            return dict.fromkeys(question.codes, lost)
        return await ask_peer(neighbour.peer, neighbour.follower, hub.network.copies, question)


def _not_a_code(fault: str) -> UsageError:
    return UsageError(
        f"not a unified social credit code ({fault})",
        hint="18 characters with right check digits, GB 32100-2015",
        message_zh="统一社会信用代码有误",
    )
