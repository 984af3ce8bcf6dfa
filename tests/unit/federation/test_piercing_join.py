"""Piercing across cities: what is joined, what stays apart, and whose receipt goes with it."""

from __future__ import annotations

from federation.piercing import Part, about_person, about_subject, join, represented
from hub.federated.joining import rename_person

ENTERPRISE = ("ENTERPRISE",)


def firm(code, kind="ENTERPRISE", region="320583"):
    return {"id": f"id-{code}", "code": code, "name": code, "kind": kind, "region": region}


def role(code, kind="LEGAL_REPRESENTATIVE", start="2020-01-01", end=None, firm_kind="ENTERPRISE"):
    return {"kind": kind, "validFrom": start, "validTo": end, "subject": firm(code, firm_kind)}


def effect(*reported, code="LISTED", list_type="严重违法失信名单"):
    return {
        "effect": "ROLE_BAR",
        "subject": firm(code),
        "source": {"listType": list_type},
        "reportedOn": [firm(one) for one in reported],
    }


def joined(parts, *, source="320400", receipt="jws-source", covers=lambda *_: True, **more):
    found = join(effect(**more), source_region=source, source_receipt=receipt, parts=parts, covers=covers)
    return [s["code"] for s in found["reportedOn"]], {r["region"]: r["receipt"] for r in found["receipts"]}


def test_only_enterprises_that_the_person_represents_that_day_count_once():
    roles = [
        role("A"),
        role("A", start="2021-01-01"),
        role("B", kind="SHAREHOLDER"),
        role("C", firm_kind="SOCIAL_ORGANISATION"),
        role("D", end="2026-10-31"),
        role("E", end="2026-11-01"),
        role("F", start="2026-11-02"),
        {"kind": "LEGAL_REPRESENTATIVE", "subject": None, "validFrom": None, "validTo": None},
    ]
    assert [s["code"] for s in represented(roles, "2026-11-01", ENTERPRISE)] == ["A", "E"]


def test_a_citys_enterprises_are_reported_with_its_receipt():
    parts = [Part("320583", (firm("B"),), "jws-b"), Part("330700", (firm("A"),), "jws-a")]
    assert joined(parts) == (["A", "B"], {"320400": "jws-source", "320583": "jws-b", "330700": "jws-a"})


def test_the_listed_enterprise_itself_is_never_reported_and_a_city_with_nothing_gives_no_receipt():
    parts = [Part("320583", (firm("LISTED"),), "jws-b"), Part("330700", (), "jws-a")]
    assert joined(parts) == ([], {"320400": "jws-source"})


def test_without_an_agreement_that_covers_the_list_a_city_stays_out():
    asked = []

    def covers(list_type, one, other):
        asked.append((list_type, one, other))
        return other != "330700"

    parts = [Part("320583", (firm("B"),), "jws-b"), Part("330700", (firm("A"),), "jws-a")]
    assert joined(parts, covers=covers) == (["B"], {"320400": "jws-source", "320583": "jws-b"})
    assert asked == [("严重违法失信名单", "320400", "320583"), ("严重违法失信名单", "320400", "330700")]


def test_the_source_city_spoke_for_itself_already():
    assert joined([Part("320400", (firm("B"),), "jws-again")]) == ([], {"320400": "jws-source"})


def test_an_effect_of_this_hub_needs_no_receipt_of_its_own():
    assert joined([Part("320583", (firm("B"),), "jws-b")], receipt=None) == (["B"], {"320583": "jws-b"})


def test_one_enterprise_named_by_two_cities_is_reported_once():
    parts = [Part("320583", (firm("B"),), "jws-b"), Part("330700", (firm("B"),), "jws-a")]
    assert joined(parts)[0] == ["B"]


def test_the_effect_given_is_left_as_it_was():
    given = effect("Z")
    join(given, source_region="1", source_receipt=None, parts=[Part("2", (firm("B"),), "r")], covers=lambda *_: True)
    assert [s["code"] for s in given["reportedOn"]] == ["Z"]


def test_a_foreign_persons_names_are_replaced_wherever_they_stand_and_nothing_else():
    value = {"person": {"id": "P1", "token": "t1"}, "path": [{"from": "P1", "to": "S1"}], "n": 1, "x": "P10", "y": None}
    shown = rename_person(value, {"P1": "Q", "t1": "u"})
    assert shown == {
        "person": {"id": "Q", "token": "u"},
        "path": [{"from": "Q", "to": "S1"}],
        "n": 1,
        "x": "P10",
        "y": None,
    }


def of_subject(code, *, source=None, missed=None):
    reached = {"token": "t", "effect": {"subject": firm(code), "source": {"subject": firm(source or code)}}}
    not_reached = {"record": {"subject": firm(missed or code)}, "person": None}
    return {"region": "320583", "reached": [reached], "notReached": [not_reached]}


def test_an_answer_about_a_subject_names_records_on_that_subject_only():
    assert about_subject(of_subject("A"), "A")
    assert about_subject({"reached": None, "notReached": None}, "A")
    assert not about_subject(of_subject("B"), "A")
    assert not about_subject(of_subject("A", source="B"), "A")
    assert not about_subject(of_subject("A", missed="B"), "A")
    assert not about_subject({"reached": [], "notReached": [{"record": None}]}, "A")


def test_an_answer_about_a_person_names_that_person_only():
    one, other = {"id": "1", "token": "one"}, {"id": "2", "token": "other"}
    right = {"reached": [{"person": one}], "notReached": [{"person": one}, {"person": None}]}
    assert about_person(right, one)
    assert about_person({"reached": None, "notReached": None}, one)
    assert not about_person(right, other)
    assert not about_person({"reached": [{"person": None}], "notReached": []}, one)
    assert not about_person({"reached": [], "notReached": [{"person": other}]}, one)
