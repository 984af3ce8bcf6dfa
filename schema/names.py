"""Names as they are compared, in loading and in searching; they are shown as they were given. Pure.

Sources: GB 18030-2005 and -2022 (characters that once lay in the private area), the Unicode Character Database
(compatibility forms, EquivalentUnifiedIdeograph of radicals).
"""

from __future__ import annotations

import re
import unicodedata

# GBK 0xFE50–0xFEA0 was mapped to U+E815–U+E864 before Unicode had these characters. Most of their places of today are
# in the codec; the others came with GB 18030-2005.
_FIRST_PRIVATE, _PLACES = 0xE815, [*range(0xFE50, 0xFE7F), *range(0xFE80, 0xFEA1)]
_LATER = {0xFE51: 0x20087, 0xFE52: 0x20089, 0xFE53: 0x200CC, 0xFE59: 0x9FB4, 0xFE61: 0x9FB5, 0xFE66: 0x9FB6}
_LATER |= {0xFE67: 0x9FB7, 0xFE6C: 0x215D7, 0xFE6D: 0x9FB8, 0xFE76: 0x2298F, 0xFE7E: 0x9FB9, 0xFE90: 0x9FBA}
_LATER |= {0xFE91: 0x241FE, 0xFEA0: 0x9FBB}


def _private() -> dict[int, int]:
    table = {}
    for index, place in enumerate(_PLACES):
        found = _LATER.get(place) or ord(place.to_bytes(2, "big").decode("gb18030"))
        table[_FIRST_PRIVATE + index] = found
    table |= {0xE78D + index: 0xFE10 + index for index in (0, 2, 1, 3, 4, 5, 6, 7, 8, 9)}  # vertical punctuation
    table |= {0xE7C7: 0x1E3F, 0xE7C8: 0x01F9}
    return table


PRIVATE: dict[int, int] = _private()
"""Private-area code points of GBK and older GB 18030 to the characters that they stand for."""

# Radicals as characters of their own, where NFKC leaves them alone: what input methods and PDF files make of names.
_RADICALS = (
    "⺀冫⺁厂⺃乚⺄乙⺅亻⺆冂⺇几⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺠民⺡氵⺢氺⺣灬⺤爫"
    "⺥爫⺦丬⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糸⺰纟⺱罓⺲罒⺳网⺵网⺶羊⺷羊⺸羊⺹老⺺肀⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻈讠"
    "⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦"
    "⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_SAME = {ord(one): ord(other) for one, other in zip(_RADICALS[::2], _RADICALS[1::2], strict=True)}
_SAME |= dict.fromkeys(map(ord, "·•・‧∙⋅●᛫･⸱᠂ꞏ˙"), ord("·"))  # dots between the parts of a name
_SAME |= dict.fromkeys(map(ord, "‐‑‒–—―−﹣－⁃˗⸺"), ord("-"))
_SAME |= dict.fromkeys(map(ord, "〔【〖〘［[{（(﹝﹙"), ord("("))
_SAME |= dict.fromkeys(map(ord, "〕】〗〙］]}）)﹞﹚"), ord(")"))
_SAME |= dict.fromkeys(map(ord, "“”„‟〝〞＂「」『』"), ord('"'))
_SAME |= dict.fromkeys(map(ord, "‘’‚‛′＇`"), ord("'"))
_SAME |= dict.fromkeys(map(ord, "〇○◯"), ord("〇"))
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0100-\U000e01ef\\s\x00-\x1f\x7f-\x9f]+"
)
_BEFORE = {**PRIVATE, **_SAME}


def compared_name(name: str) -> str:
    """The form in which two writings of one name are equal: characters of the private and the compatibility areas as
    those of today, half width, upper case, one kind of dot, bracket, hyphen and quotation mark; without blanks,
    zero-width characters and variation selectors."""
    if name.isascii() and name.isalnum():
        return name.upper()
    text = unicodedata.normalize("NFKC", name.translate(_BEFORE)).translate(_SAME)
    return _UNSEEN.sub("", text).upper()
