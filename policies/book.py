"""All policies of one hub in one frozen object, made by ``load_policies``; pure from there on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.calendar import Calendar, calendar_of
from policies.commitments import CommitmentBook, commitment_book
from policies.gate import GateBook, check_gate_cases, gate_book
from policies.judge import judge
from policies.lists import ListBook, list_book
from policies.measures import MeasureBook, measure_book
from policies.packs import Written, pack_files, read_pack
from policies.procedures import ProcedureBook, procedure_book
from policies.regions import RegionBook, region_book
from policies.repair import RepairBook, check_repair_cases, repair_book
from policies.rules import WrittenRule, in_force
from policies.scales import ScaleBook, scale_book
from policies.terms import TermBook, term_book
from policies.words import WordBook, word_book
from schema.piercing import Candidate, Decision, Rule


@dataclass(frozen=True, slots=True)
class Policies:
    """Implements the ports ``Piercing``, ``TermRules``, ``ListTypes`` and ``CodedWords``."""

    region: str
    files: tuple[str, ...]
    written: tuple[WrittenRule, ...]
    terms: TermBook
    lists: ListBook
    measures: MeasureBook
    regions: RegionBook
    scales: ScaleBook
    gate: GateBook
    calendar: Calendar
    procedures: ProcedureBook
    repairs: RepairBook
    commitments: CommitmentBook
    words: WordBook

    def rules(self, as_of: str) -> Sequence[Rule]:
        """Versions that began by ``as_of``; an ended version still governs the records of its time."""
        return tuple(written.rule for written in self.written if written.rule.valid_from <= as_of)

    def judge(self, rule: Rule, candidate: Candidate) -> Sequence[Decision]:
        return judge(rule, candidate)

    def last_day(self, decided_on: str, tier: str) -> tuple[str, str]:
        return self.terms.last_day(decided_on, tier)

    def meaning(self, column: str, kind: str, text: str) -> str | None:
        return self.words.meaning(column, kind, text)

    def is_award(self, list_type: str) -> bool:
        return self.lists.is_award(list_type)

    def known(self, list_type: str) -> bool:
        return self.lists.known(list_type)


def load_policies(region: str, extra_folders: Iterable[Path] = ()) -> Policies:
    """The shipped packs of a region and those of extra folders. Raises PackError with file and line."""
    return join(region, read_files(region, pack_files(region, extra_folders)))


def read_files(region: str, files: Iterable[tuple[Path, str]]) -> Written:
    written = Written()
    for file, shown in files:
        read_pack(file, shown, region, written)
    return written


def join(region: str, written: Written) -> Policies:
    """Checks what only several packs together show: overlapping versions, measures, lists, terms, region tree."""
    measures, lists = measure_book(written.measures), list_book(written.lists)
    terms = term_book(written.terms)
    rules = [rule.about(lists.names(rule.rule.lists)) for rule in in_force(written.rules)]
    for rule in rules:
        measures.admit(rule)
    return Policies(
        region=region,
        files=tuple(written.files),
        written=tuple(rules),
        terms=terms,
        lists=lists,
        measures=measures,
        regions=region_book(written.regions),
        scales=scale_book(written.scales),
        gate=gate_book(written.objects, written.departments, written.incentives, written.matters, measures, lists),
        calendar=calendar_of(written.years),
        procedures=procedure_book(written.procedures),
        repairs=repair_book(written.repairs, terms),
        commitments=commitment_book(written.commitments),
        words=word_book(written.words),
    )


def check_cases(policies: Policies) -> int:
    """Judges every case beside every rule and every matter, and returns their number.
    Raises PackError at the first that fails."""
    count = 0
    for written in policies.written:
        for case in written.cases:
            case.check(list(judge(written.as_written, case.facts)), f"{written.rule.id} version {written.rule.version}")
            count += 1
    return count + check_gate_cases(policies.gate) + check_repair_cases(policies.repairs)
