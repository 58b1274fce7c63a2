"""The rules beside the libraries of the field: they differ where it is explained, nowhere else.

The table in docs/records.md is checked against the classes; phone numbers abroad have a module of
their own.
"""

import random
import re

from against_library import SAMPLES, disagreements, is_documented, is_phone
from email_validator import EmailNotValidError, validate_email
from rule_sql import passes
from stdnum.kr import brn

NUMBER_CLASSES = {
    "laxer: an office, kind or serial that is not given out",
    "stricter: the check digit, which the library does not reckon",
    "stricter: full-width digits and dashes that are no hyphens",
}
PHONE_CLASSES = {
    "laxer: 00 for the international prefix, which Korea dials with a carrier's digit",
    "laxer: a nationwide number that no one has",
    "laxer: an area or service code that is not in use",
    "laxer: a subscriber number that is not given out",
    "stricter: an extension or a second number",
    "stricter: a foreign number written with 00",
    "stricter: pagers and machines (012 to 015)",
    "stricter: +82 before a nationwide number",
    "stricter: a nationwide number of more than eight digits",
    "stricter: a nationwide number behind a 0",
    "stricter: a number without its leading 0",
    "stricter: special numbers of an area, shorter than a subscriber's",
}
EMAIL_CLASSES = {
    "laxer: dots at an end of the local part, or two in a row",
    "laxer: a local part of more than 64 characters",
    "laxer: a domain for special use",
    "laxer: a top-level domain that ends with a digit",
    "laxer: a label with two hyphens that is no encoded word",
    "stricter: letters beyond ASCII",
    "stricter: a backquote",
}
# --- business registration numbers against python-stdnum -------------------------------------


def checked(body: str) -> str:
    """Nine digits and the one that checks them, as the National Tax Service reckons it."""
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(w * int(d) for w, d in zip(weights, body, strict=True)) + int(body[8]) * 5 // 10
    return body + str((10 - total % 10) % 10)


def registration_numbers() -> list[str]:
    draw = random.Random(20261031)  # noqa: S311 - the same samples each time
    found = ["120-81-45673", "123-45-67890", "123-45-6789", "", "-", "12345678901", "1O1-81-12345"]
    found += [
        "１２０-８１-４５６７３",
        "120－81－45673",
        "120–81–45673",
        "120.81.45673",
        "120/81/45673",
    ]
    while len(found) < SAMPLES:
        body = f"{draw.randrange(10**9):09d}"
        if draw.random() < 0.1:
            body = draw.choice(("000", "099", "100", "101")) + body[3:]
        if draw.random() < 0.1:
            body = body[:3] + "00" + body[5:]
        if draw.random() < 0.1:
            body = body[:5] + "0000"
        whole = checked(body) if draw.random() < 0.6 else f"{body}{draw.randrange(10)}"
        shapes = (
            "{0}-{1}-{2}",
            "{0}{1}{2}",
            "{0} {1} {2}",
            " {0}-{1}-{2}",
            "{0}-{1}{2}",
            "{0}.{1}.{2}",
        )
        found.append(draw.choice(shapes).format(whole[:3], whole[3:5], whole[5:]))
    return found


def laxer_number(text: str) -> str | None:
    digits = re.sub("[ -]", "", text)
    if digits[:3] < "101" or digits[3:5] == "00" or digits[5:9] == "0000":
        return "an office, kind or serial that is not given out"
    return None


def stricter_number(text: str) -> str | None:
    digits = re.sub("[ -]", "", text)
    if re.fullmatch("[0-9]{10}", digits):
        return "the check digit, which the library does not reckon"
    if not text.isascii():
        return "full-width digits and dashes that are no hyphens"
    return None


def test_registration_numbers_differ_from_stdnum_in_the_explained_classes_alone() -> None:
    texts = registration_numbers()
    ours = passes("business_registration_no", [(t, None) for t in texts], "number", "country")
    theirs = [brn.is_valid(text) for text in texts]
    explained, unexplained = disagreements(texts, ours, theirs, laxer_number, stricter_number)
    assert not unexplained[:10]
    assert set(explained) == NUMBER_CLASSES
    assert sum(ours) > SAMPLES / 3


def test_a_number_everybody_makes_up_passes_the_library_and_not_the_rule() -> None:
    assert brn.is_valid("123-45-67890")
    assert passes("business_registration_no", [("123-45-67890", None)], "number", "country") == [
        False
    ]


# --- phone numbers against phonenumbers ------------------------------------------------------

AREAS = ("02", "031", "032", "033", "041", "042", "043", "044", "051", "052", "053", "054", "055",
         "061", "062", "063", "064")  # fmt: skip
AREA = "(" + "|".join(AREAS) + ")"
OTHERS = tuple(
    re.split(
        " ",
        "010 011 016 017 018 019 070 0502 0505 0507 080 1588 1577 1600 1899 1544 1661 1833 060 030 "
        "012 013 015 014 034 036 040 045 056 059 065 069 020 090 1 5",
    )
)


def korean_phones() -> list[str]:
    draw = random.Random(20261031)  # noqa: S311 - the same samples each time
    found = [
        "112",
        "119",
        "",
        "-",
        "02-123-4567 (ext. 3)",
        "02-123-4567/8",
        "02)123-4567",
        "+82 (0)2-123-4567",
    ]
    while len(found) < SAMPLES:
        prefix = draw.choice(AREAS) if draw.random() < 0.5 else draw.choice(OTHERS)
        size = draw.choice((3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 10))
        rest = "".join(draw.choice("0123456789") for _ in range(size))
        head, tail, bare = rest[:-4], rest[-4:], prefix.removeprefix("0")
        shapes = (
            f"{prefix}{rest}", f"{prefix}-{head}-{tail}", f"({prefix}) {head}-{tail}",
            f"+82-{bare}-{head}-{tail}", f"+82 {prefix} {rest}", f"0082{bare}{rest}",
            f"{prefix}.{head}.{tail}",
        )  # fmt: skip
        found.append(draw.choice(shapes))
    return found


def national(text: str) -> str:
    return re.sub(r"^(\+82|0082)0?", "0", re.sub("[ .()-]", "", text))


def laxer_phone(text: str) -> str | None:
    digits = national(text)
    if text.startswith("0082"):
        return "00 for the international prefix, which Korea dials with a carrier's digit"
    if re.match("1[568]", digits):
        return "a nationwide number that no one has"
    if not digits.startswith((*AREAS, "010", "011", "016", "017", "018", "019", "070", "080")):
        return "an area or service code that is not in use"
    if re.match(AREA + "[01]", digits):
        return "a subscriber number that is not given out"
    return None


def stricter_phone(text: str) -> str | None:
    digits = national(text)
    if re.search("ext|/", text):
        return "an extension or a second number"
    if text.startswith("00"):
        return "a foreign number written with 00"
    if re.match("01[2345]", digits):
        return "pagers and machines (012 to 015)"
    if re.match("1[568]", digits):
        return "a nationwide number of more than eight digits"
    if re.match(r"\+82[ -]*1[568]", text):
        return "+82 before a nationwide number"
    if re.match("[1-9]", digits):
        return "a number without its leading 0"
    if re.match("01[68]", digits):
        return "a nationwide number behind a 0"
    if re.match(AREA + "[0-9]{3,6}$", digits):
        return "special numbers of an area, shorter than a subscriber's"
    return None


def test_korean_phones_differ_from_phonenumbers_in_the_explained_classes_alone() -> None:
    texts = korean_phones()
    ours = passes("phone", [(text, "KR") for text in texts], "phone", "country")
    theirs = [is_phone(text, "KR") for text in texts]
    explained, unexplained = disagreements(texts, ours, theirs, laxer_phone, stricter_phone)
    assert not unexplained[:10]
    assert set(explained) == PHONE_CLASSES
    assert sum(ours) > SAMPLES / 4


# --- e-mail addresses against email-validator ------------------------------------------------

LOCALS = (
    *re.split(
        " ", "kim kim.minsu kim+crm info a k_m o'neil kim..su .kim kim. 김민수 kim@su kim%a k-"
    ),
    *re.split(" ", "kim(crm) a=b {kim} ki`m"),
    *('"kim su"', "kim su", "x" * 64, "x" * 65),
)
DOMAINS = (
    *re.split(" ", "hanbit.co.kr hanbit.kr 한빛.한국 hanbit hanbit..kr -hanbit.kr hanbit-.kr"),
    *re.split(
        " ", "han_bit.kr hanbit.c hanbit.123 [192.168.0.1] 192.168.0.1 hanbit.co.kr. HANBIT.KR"
    ),
    *re.split(" ", "xn--hq1b96g.kr localhost hanbit.local hanbit.test hanbit.example mail.invalid"),
    *re.split(" ", "a.b.c.d.e.kr hanbit.com ex--ample.com xn--0.kr"),
    *("x" * 63 + ".kr", "x" * 64 + ".kr", ".".join(["abcdefghi"] * 20) + ".kr"),
)


def email_addresses() -> list[str]:
    draw = random.Random(20261031)  # noqa: S311 - the same samples each time
    found = [
        "",
        "@",
        "kim@",
        "@hanbit.kr",
        "kim.hanbit.kr",
        "kim@hanbit.kr,lee@hanbit.kr",
        "Kim <kim@hanbit.kr>",
    ]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789._-+"
    while len(found) < SAMPLES:
        local = (
            draw.choice(LOCALS)
            if draw.random() < 0.5
            else "".join(draw.choice(letters) for _ in range(draw.randrange(1, 12)))
        )
        domain = (
            draw.choice(DOMAINS)
            if draw.random() < 0.6
            else (
                "".join(draw.choice(letters[:-2]) for _ in range(draw.randrange(1, 10)))
                + draw.choice((".kr", ".com", ".co.kr", ".io", ""))
            )
        )
        found.append(f"{local}@{domain}")
    return found


def is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def laxer_email(text: str) -> str | None:
    local, _, domain = text.rpartition("@")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "dots at an end of the local part, or two in a row"
    if len(local) > 64:
        return "a local part of more than 64 characters"
    if re.search(r"(^|\.)(test|invalid|local|localhost|example|arpa|onion)$", domain.lower()):
        return "a domain for special use"
    if re.search(r"\.[^.]*[0-9]$", domain):
        return "a top-level domain that ends with a digit"
    if re.search(r"(^|\.)..--", domain.lower()):
        return "a label with two hyphens that is no encoded word"
    return None


def stricter_email(text: str) -> str | None:
    if not text.isascii():
        return "letters beyond ASCII"
    if "`" in text.rpartition("@")[0]:
        return "a backquote"
    return None


def test_email_addresses_differ_from_email_validator_in_the_explained_classes_alone() -> None:
    texts = email_addresses()
    ours = passes("email", [(text,) for text in texts], "email")
    theirs = [is_email(text) for text in texts]
    explained, unexplained = disagreements(texts, ours, theirs, laxer_email, stricter_email)
    assert not unexplained[:10]
    assert set(explained) == EMAIL_CLASSES
    assert sum(ours) > SAMPLES / 4


def test_the_page_tells_these_classes() -> None:
    assert is_documented("registration number", "python-stdnum", NUMBER_CLASSES)
    assert is_documented("phone (Korea)", "phonenumbers", PHONE_CLASSES)
    assert is_documented("e-mail", "email-validator", EMAIL_CLASSES)
