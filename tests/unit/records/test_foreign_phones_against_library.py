"""The rule for phone numbers abroad beside phonenumbers: every region but Korea, by classes."""

import random
import re
from collections.abc import Iterator

import phonenumbers
from against_library import SAMPLES, disagreements, is_documented, is_phone
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from rule_sql import passes

CLASSES = {
    "laxer: a country code that no country has",
    "laxer: a number that its country does not give out",
    "stricter: a national number, without + and country code",
    "stricter: an extension",
    "stricter: 00, 011 or another prefix instead of +",
    "stricter: fewer than eight digits, as in the smallest countries",
    "stricter: characters between the digits other than spaces, hyphens, dots and parentheses",
}
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
EXTENSIONS = (" ext. 3", " x42", ";ext=7", " #12")
GIVEN = (
    ("+123456789", "US"), ("+999999999", "US"), ("03-1234-5678", "JP"), ("+81 3-1234-5678", "JP"),
    ("+44 20 7946 0958 ext. 12", "GB"), ("0044 20 7946 0958", "GB"), ("+1 (650) 253-0000", "US"),
    ("001 650 253 0000", "KP"), ("+82 2-123-4567", "US"), ("", "US"), ("+", "US"), ("n/a", "US"),
)  # fmt: skip


def samples() -> Iterator[tuple[str, str]]:
    """Texts and the country of their record: real shapes of each region, digits often made up."""
    yield from GIVEN
    draw = random.Random(20261031)  # noqa: S311 - the same samples each time
    regions = sorted(phonenumbers.SUPPORTED_REGIONS - {"KR"})
    for _ in range(SAMPLES):
        region = draw.choice(regions)
        number = phonenumbers.example_number_for_type(region, draw.choice(KINDS))
        if number is None:
            continue
        digits = str(number.national_number)
        if draw.random() < 0.4:
            kept = digits[: draw.randrange(1, len(digits))]
            made_up = (draw.choice("0123456789") for _ in range(len(digits) - len(kept)))
            number.national_number = int(kept + "".join(made_up))
        if draw.random() < 0.05:
            number.country_code = draw.choice((210, 259, 384, 699, 999))
        international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        shapes = (
            international,
            phonenumbers.format_number(number, PhoneNumberFormat.E164),
            phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            international.replace(" ", "."),
            international.replace(" ", "/", 1),
            international.replace("+", "＋"),
            international + draw.choice(EXTENSIONS),
            international.replace("+", draw.choice(("00", "011 "))),
        )
        yield draw.choice(shapes), region


def laxer(text: str) -> str | None:
    digits = re.sub("[^0-9]", "", text)
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    if not any(int(digits[:length]) in codes for length in (1, 2, 3)):
        return "a country code that no country has"
    return "a number that its country does not give out"


def stricter(text: str) -> str | None:
    if text.endswith(EXTENSIONS) or "ext" in text:
        return "an extension"
    if re.match("00|011 ", text):
        return "00, 011 or another prefix instead of +"
    if not text.startswith(("+", "＋")):
        return "a national number, without + and country code"
    if re.search("[^0-9 .()+-]", text):
        return "characters between the digits other than spaces, hyphens, dots and parentheses"
    if len(re.sub("[^0-9]", "", text)) < 8:
        return "fewer than eight digits, as in the smallest countries"
    return None


def test_foreign_phones_differ_from_phonenumbers_in_the_explained_classes_alone() -> None:
    given = list(samples())
    texts = [text for text, _ in given]
    ours = passes("phone", given, "phone", "country")
    theirs = [is_phone(text, region) for text, region in given]
    explained, unexplained = disagreements(texts, ours, theirs, laxer, stricter)
    assert len(given) >= 10_000
    assert not unexplained[:10]
    assert set(explained) == CLASSES
    assert sum(we and they for we, they in zip(ours, theirs, strict=True)) > len(given) / 5


def test_the_page_tells_these_classes() -> None:
    assert is_documented("phone (abroad)", "phonenumbers", CLASSES)
