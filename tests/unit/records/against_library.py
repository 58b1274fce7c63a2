"""What the comparisons of rules with libraries share: differences, each explained by a class."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import phonenumbers

from sales_support_kpi.settings import repo_root

SAMPLES = 12_000
Explain = Callable[[str], str | None]


def disagreements(
    texts: Sequence[str],
    ours: Sequence[bool],
    theirs: Sequence[bool],
    laxer: Explain,
    stricter: Explain,
) -> tuple[Counter[str], list[str]]:
    """How often each explained class occurs, and what nothing explains."""
    explained: Counter[str] = Counter()
    unexplained = []
    for text, we, they in zip(texts, ours, theirs, strict=True):
        if we == they:
            continue
        reason = (laxer if we else stricter)(text)
        if reason is None:
            unexplained.append(f"{'laxer' if we else 'stricter'}: {text!r}")
        else:
            explained[f"{'laxer' if we else 'stricter'}: {reason}"] += 1
    return explained, unexplained


def is_phone(text: str, region: str) -> bool:
    """Whether Google's metadata know such a number."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def is_documented(rule: str, library: str, classes: Collection[str]) -> bool:
    """Whether docs/records.md has a line with these classes of differences, and no others."""
    cells = [
        "; ".join(sorted(one.removeprefix(side) for one in classes if one.startswith(side)))
        for side in ("laxer: ", "stricter: ")
    ]
    page = (repo_root() / "docs" / "records.md").read_text(encoding="utf-8")
    return "| " + " | ".join([rule, library, *cells]) + " |\n" in page
