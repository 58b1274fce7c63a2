"""What stands beside the accuracy of customer records: the audit's estimate, the fixes needed.

audit_estimates, customer_record_progress → a short sentence each
"""

from sales_support_kpi.report.formatting import format_value
from sales_support_kpi.report.model import Lang, Scope
from sales_support_kpi.report.periods import Grain, Period
from sales_support_kpi.report.published import Reader

KPI_ID = "customer_record_accuracy"

_WORDS: dict[Lang, dict[str, str]] = {
    "ko": {
        "stratified": "수기 점검 {judged:,}건으로 추정: {estimate} ({low}–{high}), "
        "규칙이 못 본 오류 {unseen}",
        "simple": "수기 점검 {judged:,}건(임의 추출이라면): {estimate} ({low}–{high}), "
        "규칙이 못 본 오류 {unseen}",
        "fixes": "목표까지 {fixes:,}건 수정 필요",
    },
    "en": {
        "stratified": "audit of {judged:,} by hand: {estimate} ({low}–{high}), "
        "errors no rule sees {unseen}",
        "simple": "audit of {judged:,} by hand, as if drawn at random: {estimate} "
        "({low}–{high}), errors no rule sees {unseen}",
        "fixes": "{fixes:,} fixes to reach the target",
    },
}


def record_remarks(
    reader: Reader, period: Period, scope: Scope, *, is_latest: bool, lang: Lang
) -> tuple[str, ...]:
    """The remarks on one period and scope; none where nothing is known."""
    audit = _audit(reader, period, lang) if scope.type == "company" else ()
    fixes = _fixes(reader, scope, lang) if is_latest else ()
    return (*fixes, *audit)


def _audit(reader: Reader, period: Period, lang: Lang) -> tuple[str, ...]:
    """The month's best sample: a drawn one before audits that nobody drew, then the largest."""
    if period.grain is not Grain.MONTH or "estimate" not in reader.columns("audit_estimates"):
        return ()
    found = reader.select(
        "select * from audit_estimates where kpi_id = ? and period_start = ? "
        "order by method = 'stratified' desc, judged_count desc, sample_id limit 1",
        [KPI_ID, period.start],
    )
    return tuple(
        _WORDS[lang][row["method"]].format(
            judged=row["judged_count"],
            **{
                name: format_value(row[column], "ratio", lang)
                for name, column in (
                    ("estimate", "estimate"),
                    ("low", "ci_low"),
                    ("high", "ci_high"),
                    ("unseen", "unseen_share"),
                )
            },
        )
        for row in found
    )


def _fixes(reader: Reader, scope: Scope, lang: Lang) -> tuple[str, ...]:
    if "fixes_needed" not in reader.columns("customer_record_progress"):
        return ()
    found = reader.select(
        "select fixes_needed from customer_record_progress "
        "where kpi_id = ? and scope_type = ? and scope_id = ? and fixes_needed > 0",
        [KPI_ID, scope.type, scope.id],
    )
    return tuple(_WORDS[lang]["fixes"].format(fixes=row["fixes_needed"]) for row in found)
