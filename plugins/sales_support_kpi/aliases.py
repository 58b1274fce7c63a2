"""Korean and English names of sheets, columns and words: one table for everything a file may say.

header or cell text → `fold` → canonical name. The first Korean name of each entry is the label
that templates and messages use.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Protocol

from sales_support_kpi.alias_table import COLUMNS, COMMON_COLUMNS, SHEETS, WORDS
from sales_support_kpi.entities import ENTITIES, Entity

_IGNORED = re.compile(r"[\s_\u00a0\u3000\ufeff]+")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")

_SHORT_NAME, _LONG_NAME = 4, 8  # letters from which one slip, two slips are taken for a typo
_STRICT_WORDS = frozenset(
    word
    for entity in ENTITIES.values()
    for column in entity.columns
    if column.vocabulary and not column.is_open
    for word in column.vocabulary
)

TRUE_WORDS = ("true", "1", "yes", "y", "t", "예", "네", "o", "ㅇ", "○", "참")
FALSE_WORDS = ("false", "0", "no", "n", "f", "아니오", "아니요", "x", "×", "거짓")


FULL_WIDTH = (
    "".join(map(chr, range(0xFF01, 0xFF5F))) + "\uffe6\u3000"
)  # 전각, with won sign and space
HALF_WIDTH = "".join(map(chr, range(0x21, 0x7F))) + "\u20a9 "
_TO_HALF_WIDTH = str.maketrans(FULL_WIDTH, HALF_WIDTH)


def fold(text: str) -> str:
    """What is compared: composed, in half width, case-folded, without spaces and underscores."""
    composed = unicodedata.normalize("NFC", text).translate(_TO_HALF_WIDTH)
    return _IGNORED.sub("", composed).casefold()


def is_korean(text: str) -> bool:
    """Whether the text holds any Hangul."""
    return bool(_HANGUL.search(unicodedata.normalize("NFC", text)))


def language_of(headers: Iterable[str]) -> str:
    """`ko` when any header is Korean, else `en`."""
    return "ko" if any(is_korean(header) for header in headers) else "en"


class OwnAliases(Protocol):
    """A company's own names, each with the canonical one it stands for."""

    @property
    def sheets(self) -> Mapping[str, str]:
        """Sheet or file name → entity."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Header → column, or `entity.column` for one entity only."""

    @property
    def words(self) -> Mapping[str, str]:
        """Cell text → word of a vocabulary."""


class Aliases:
    """The shipped table plus a company's own names, which win."""

    def __init__(self, own: OwnAliases | None = None) -> None:
        self._own_columns = dict(own.columns) if own else {}
        self._own_words = dict(own.words) if own else {}
        self._sheets = {fold(alias): name for alias, name in (own.sheets if own else {}).items()}
        for name in ENTITIES:
            for alias in (name, name.removesuffix("s"), *SHEETS[name]):
                self._sheets.setdefault(fold(alias), name)

    def entity(self, sheet: str) -> Entity | None:
        """The entity a sheet or file of this name holds."""
        name = self._sheets.get(fold(sheet))
        return ENTITIES[name] if name else None

    def close_entity(self, sheet: str) -> Entity | None:
        """The entity whose name was probably meant: a slip of one or two letters."""
        letters = unicodedata.normalize("NFD", fold(sheet))
        best: tuple[int, str] | None = None
        for name in ENTITIES:
            for label in (name, SHEETS[name][0]):
                other = unicodedata.normalize("NFD", fold(label))
                allowed = 2 if len(other) >= _LONG_NAME else 1 if len(other) >= _SHORT_NAME else 0
                slips = distance(letters, other)
                if slips <= allowed and abs(len(letters) - len(other)) <= 1:
                    best = min(best or (slips, name), (slips, name))
        return ENTITIES[best[1]] if best else None

    def columns(self, entity: Entity) -> dict[str, str]:
        """Folded header → column name, for one entity."""
        known = {column.name for column in entity.all_columns}
        names: dict[str, str] = {}
        for alias, target in self._own_columns.items():
            of_entity, _, column = target.rpartition(".")
            if column in known and of_entity in ("", entity.name):
                names[fold(alias)] = column
        for name in known:
            names[fold(name)] = name
        for one in entity.all_columns:
            for alias in _shipped(entity.name, one.name):
                names.setdefault(fold(alias), one.name)
        return names

    def words(self, entity: Entity, column: str) -> dict[str, str]:
        """Folded word → canonical word, for one column with a vocabulary."""
        vocabulary = entity.column(column).vocabulary or ()
        words = {fold(word): word for word in vocabulary}
        for alias, word in self._own_words.items():
            is_own = entity.column(column).is_open and word not in _STRICT_WORDS
            if word in vocabulary or is_own:
                words.setdefault(fold(alias), word)
        for word in vocabulary:
            for alias in WORDS[entity.name, column].get(word, ()):
                words.setdefault(fold(alias), word)
        return words

    @property
    def digest_parts(self) -> tuple[object, ...]:
        """All that decides how a file is understood, for the fingerprint of a load."""
        return (sorted(self._sheets.items()), sorted(self._own_columns.items()),
                sorted(self._own_words.items()))  # fmt: skip


def distance(left: str, right: str) -> int:
    """Edits (insert, delete, replace, swap of neighbours) that turn one text into the other."""
    rows: list[list[int]] = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _shipped(entity: str, column: str) -> tuple[str, ...]:
    return COLUMNS[entity].get(column) or COMMON_COLUMNS[column]


def sheet_label(entity: str, language: str) -> str:
    """The preferred name of an entity's sheet."""
    return SHEETS[entity][0] if language == "ko" else entity


def column_label(entity: str, column: str, language: str) -> str:
    """The preferred header of a column."""
    return _shipped(entity, column)[0] if language == "ko" else column


def word_label(entity: str, column: str, word: str, language: str) -> str:
    """The preferred spelling of a vocabulary word."""
    return WORDS[entity, column][word][0] if language == "ko" else word


def bool_label(value: bool, language: str) -> str:
    """예/아니오 or true/false."""
    if language == "ko":
        return "예" if value else "아니오"
    return "true" if value else "false"
