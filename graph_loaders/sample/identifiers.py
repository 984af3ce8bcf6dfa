"""Codes and numbers that are valid and belong to nobody: bodies that begin with XY, persons of sequence 000."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from schema.identifiers import USCC_ALPHABET, org_code_check, person_id_check, uscc_check

_AREAS = ("310104", "320104", "320205", "330106", "330203", "340104", "360103", "370102")
_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
_GIVEN = "澄砚禾霖棠岚笙桁煦苒榕朗澍昀沅峤芷栎屿汀"


def organisation_code(rng: Random, kind: str, region: str) -> str:
    """``kind``: the first two characters (91 enterprise, 92 individual business, 11 organ, 12 institution, 52
    society)."""
    body = "XY" + "".join(rng.choice(USCC_ALPHABET) for _ in range(6))
    first17 = kind + region + body + org_code_check(body)
    return first17 + uscc_check(first17)


def person_number(rng: Random, born: date) -> str:
    first17 = f"{rng.choice(_AREAS)}{born:%Y%m%d}000"
    return first17 + person_id_check(first17)


def person(rng: Random, born: date | None = None, today: date = date(2026, 1, 1)) -> tuple[str, str]:
    """Name and number; without a birth date somebody between 28 and 65."""
    born = born or today - timedelta(days=rng.randint(28 * 366, 65 * 365))
    name = rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2))))
    return name, person_number(rng, born)


def wrong_check(code: str) -> str:
    """The same code with another last character."""
    place = USCC_ALPHABET.index(code[-1])
    return code[:-1] + USCC_ALPHABET[(place + 7) % len(USCC_ALPHABET)]


def wrong_inner_check(code: str) -> str:
    """Another character 17, with an outer check that fits: only GB 11714 sees it."""
    inner = "0" if code[16] != "0" else "1"
    first17 = code[:16] + inner
    return first17 + uscc_check(first17)


def wrong_number(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def numbers_like_codes(count: int) -> list[str]:
    """Valid citizen numbers (sequence 000: nobody's) that also pass both checks of a unified social credit code, as one
    in three hundred does."""
    found: list[str] = []
    ordinal = date(1950, 1, 1).toordinal()
    while len(found) < count:
        first17 = f"320102{date.fromordinal(ordinal):%Y%m%d}000"
        number = first17 + person_id_check(first17)
        if uscc_check(first17) == number[17] and org_code_check(number[8:16]) == number[16]:
            found.append(number)
        ordinal += 1
    return found
