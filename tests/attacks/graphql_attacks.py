"""Questions: too many, too deep, beyond the scopes, into the past, into generated code."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, date, datetime, timedelta

from tests.attacks.attack import Skipped, attack
from tests.attacks.attacker import Attacker, no_internals, refused

LISTED = "query($asOf: Date, $knownAt: DateTime, $after: String) { records(filter: {}, first: 100, after: $after, "
LISTED += "asOf: $asOf, knownAt: $knownAt) { nodes { id state } pageInfo { endCursor hasNextPage } } }"
DAYS = (1, 30, 120, 365, 1100)


def code_of(answer: dict) -> str:
    return str(((answer.get("errors") or [{}])[0].get("extensions") or {}).get("code"))


async def is_refused(a: Attacker, document: str, variables: dict | None = None, *codes: str, within: float = 5) -> None:
    began = time.monotonic()
    answer = await a.ask(document, variables)
    took = time.monotonic() - began
    assert answer.get("errors"), json.dumps(answer)[:300]
    assert not any((answer.get("data") or {}).values()), json.dumps(answer)[:300]
    assert not codes or code_of(answer) in codes, (code_of(answer), codes)
    assert took < within, f"{took:.1f} s before it was refused"


@attack("G01", "documents that are too deep, broad or large", "过深、过宽、过大的查询", client=True)
async def large_documents(a: Attacker) -> str:
    nested = '{ subject(code: "x") { ' + "roles { nodes { subject { " * 40 + "code" + " } } }" * 40 + " } }"
    doubling = "".join(f"fragment f{n} on Subject {{ ...f{n + 1} ...f{n + 1} }}\n" for n in range(50))
    documents = [
        nested,
        "{ " + " ".join(f"a{n}: __typename" for n in range(3000)) + " }",
        "{ __typename " + "@skip(if: false) " * 500 + "}",
        '{ subject(code: "x") { ...f0 } }\n' + doubling + "fragment f50 on Subject { code }",
        '{ subject(code: "x") { ...a } } fragment a on Subject { ...b } fragment b on Subject { ...a }',
        "{ " + "{" * 5000,
        "query(" + " ".join(f"$v{n}: Int" for n in range(2000)) + ") { __typename }",
        "{ records(filter: {}, first: 200) { nodes { subject { records(first: 200) { nodes { subject { "
        "records(first: 200) { nodes { id } } } } } } } } }",
        '{ subject(code: "' + "9" * 5000 + '") { code } }',
        "{ records(filter: {}, first: 99999999999) { nodes { id } } }",
        "{ records(filter: {}, first: -1) { nodes { id } } }",
        "{ subject(code: " + "[" * 800 + "]" * 800 + ") { code } }",
    ]
    for document in documents:
        await is_refused(a, document)
    return f"{len(documents)} refused"


@attack("G02", "bodies that are no question", "畸形请求体", client=True)
async def bodies(a: Attacker) -> str:
    tries = [
        (b'[{"query": "{__typename}"}]', {}, (200, 400)),
        (b'{"query": "{__typename}", "query": "{subject(code: 1){code}}"}', {}, (200, 400)),
        (b'{"query": "\xff\xfe"}', {}, (200, 400)),
        (b'{"query": ' + b"[" * 100_000 + b"}", {}, (200, 400)),
        (b'{"query": "{__typename}", "variables": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}", {}, (200, 400)),
        (b'{"query": "{__typename}", "variables": {"x": ' + b"9" * 5000 + b"}}", {}, (200, 400)),
        (b'{"query": "{__typename}"}' + b" " * 300_000, {}, (413,)),
        (b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}, (415,)),
        (b"{__typename}", {"Content-Type": "application/graphql"}, (415,)),
        (b"query=%7B__typename%7D", {"Content-Type": "application/x-www-form-urlencoded"}, (415,)),
        (b"", {}, (200, 400)),
    ]
    for content, headers, statuses in tries:
        answer = await a.post("/graphql", content, headers)
        no_internals(answer)
        assert answer.status_code in statuses, (content[:60], answer.status_code, answer.text[:200])
        if answer.status_code == 200:
            assert answer.json().get("errors"), content[:60]
    return f"{len(tries)} refused"


@attack("G03", "names that would run in generated code", "注入生成代码的名称", client=True)
async def names(a: Attacker) -> str:
    odd = [
        "row",
        "value",
        "VALUE",
        "lambda",
        "None",
        "self",
        "__class__",
        "__import__",
        "row_0",
        "import",
        "json",
        "True",
    ]
    fields = " ".join(f"{name}: documentNumber" for name in odd)
    document = (
        f"{{ records(filter: {{}}, first: 3) {{ nodes {{ {fields} amount {{ VALUE: value UNIT: unit value }} }} }} }}"
    )
    answer = await a.ask(document)
    assert not answer.get("errors"), json.dumps(answer)[:300]
    for node in answer["data"]["records"]["nodes"]:
        assert list(node) == [*odd, "amount"], list(node)
        assert node["amount"] is None or list(node["amount"]) == ["VALUE", "UNIT", "value"], node["amount"]
    return "keys are the aliases"


@attack("G04", "another day opens what has ended", "以往日期重现已终止记录", client=True)
async def past_days(a: Attacker) -> str:
    now = await listed(a)
    seen = 0
    for days in DAYS:
        day = (date.today() - timedelta(days=days)).isoformat()
        found = await listed(a, asOf=day)
        assert found <= now, f"as of {day}: {len(found - now)} records that are not shown today"
        seen += len(found)
    return f"{seen} rows of {len(DAYS)} days, all shown today"


@attack("G05", "an earlier knowledge opens what has ended", "以往认知重现已终止记录", client=True)
async def past_knowledge(a: Attacker) -> str:
    now = await listed(a)
    for seconds in (1, 60, 3600, 86_400):
        moment = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
        found = await listed(a, knownAt=moment)
        assert found <= now, f"known at {moment}: {len(found - now)} records that are not shown now"
    return "nothing that is not shown now"


@attack("G06", "ended records by filter, flag or id", "以筛选或标识取已终止记录", client=True)
async def ended(a: Attacker) -> str:
    for filter_ in ("states: [REPAIRED, EXPIRED]", "states: [REVOKED, CORRECTED], includeVoid: true"):
        for kind in ("PENALTY", "LIST_ENTRY"):
            answer = await a.ask(f"{{ records(filter: {{{filter_}, kinds: [{kind}]}}) {{ nodes {{ id }} }} }}")
            nodes = ((answer.get("data") or {}).get("records") or {}).get("nodes") or []
            if "REPAIRED" in filter_:
                assert nodes == [], f"{len(nodes)} ended {kind}"
    return "none"


@attack("G07", "fields of other scopes", "越权字段", client=True)
async def other_scopes(a: Attacker) -> str:
    shut = [
        '{ searchPersons(name: "张") { nodes { name } } }',
        '{ searchSubjects(filter: {nameContains: "有限"}) { nodes { code } } }',
        "{ loadRuns { nodes { id } } }",
        '{ loanProfile(subject: "x", consent: "y") { subject { code } } }',
    ]
    for document in shut:
        answer = await a.ask(document)
        data = answer.get("data")
        assert not data or not any(data.values()), json.dumps(answer)[:200]
    return "null, withheld"


@attack("G08", "a person in an address", "在地址中查询个人", client=True)
async def person_in_address(a: Attacker) -> str:
    for document in ('{person(token:"x"){id}}', '{searchPersons(name:"x"){nodes{id}}}', "mutation{__typename}"):
        path = "/graphql"
        headers = {**await a.signed("GET", path), "Credit-Purpose": "mutual-recognition"}
        answer = await a.http.get(a.url + path, params={"query": document}, headers=headers)
        no_internals(answer)
        assert answer.status_code in (400, 403, 405) or not any((answer.json().get("data") or {}).values()), answer.text
    return "405"


@attack("G09", "cursors and ids made up", "伪造游标与标识", client=True)
async def made_up(a: Attacker) -> str:
    for cursor in ("x", "AAAA", "' OR 1=1", "\u0000", "A" * 4000, "eyJhIjoxfQ"):
        await is_refused(a, "query($c: String) { records(filter: {}, after: $c) { nodes { id } } }", {"c": cursor})
    for identifier in ("x", "UGVyc29uOng", "\ud83d\ude00", "U3ViamVjdDon", "A" * 4000):
        answer = await a.ask("query($i: ID!) { node(id: $i) { id } }", {"i": identifier})
        assert not (answer.get("data") or {}).get("node"), answer
    return "refused"


@attack("G10", "text that would be a statement", "语句注入", client=True)
async def injection(a: Attacker) -> str:
    for text in ("') DETACH DELETE n //", "\\u0027}) RETURN 1 //", "$code", "`", "\x00", "%00", "{{7*7}}"):
        answer = await a.ask("query($c: USCC!) { subject(code: $c) { code } }", {"c": text})
        assert not (answer.get("data") or {}).get("subject"), answer
    answer = await a.ask("{ records(filter: {}, first: 1) { nodes { id } } }")
    assert answer["status"] == 200
    return "a text stays a text"


@attack("G11", "many costly questions at once", "并发高成本查询", client=True)
async def costly(a: Attacker) -> str:
    document = "{ records(filter: {}, first: 200) { nodes { id subject { records(first: 50) { nodes { id } } } } } }"
    answers = await asyncio.gather(*(a.post("/graphql", json.dumps({"query": document}).encode()) for _ in range(40)))
    assert {answer.status_code for answer in answers} <= {200, 400, 429, 503}, [one.status_code for one in answers]
    for _ in range(20):
        answer = await a.ask("{ records(filter: {}, first: 1) { nodes { id } } }")
        if answer["status"] == 200 and not answer.get("errors"):
            return refused(await a.http.get(f"{a.url}/readyz"), 200) + " afterwards"
        await asyncio.sleep(1)
    raise AssertionError("an ordinary question is not answered any more")


async def listed(a: Attacker, **at: str) -> set[str]:
    """Document numbers with subjects of all records shown; at most twenty pages."""
    found: set[str] = set()
    after = None
    for _ in range(20):
        answer = await a.ask(LISTED, {**at, "after": after})
        page = (answer.get("data") or {}).get("records")
        if page is None:
            assert answer["status"] < 500, answer
            if at and answer.get("errors"):
                return found
            raise Skipped(f"no records: {json.dumps(answer)[:120]}")
        found |= {node["id"] for node in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return found
