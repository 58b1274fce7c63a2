"""Which records of an entity each KPI has to measure: said once more, from the entities alone.

KPI → the records it counts, and where there is something to add up, what it comes to. Written from
the definitions in docs/kpis.md and not from the models, so that a model that loses a record shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

AS_OF = "(select as_of from control.night)"
_ZONE = "(select timezone from control.night)"


def _exists(table: str = "") -> str:
    deleted_at = f"{table}.deleted_at" if table else "deleted_at"
    return f"({deleted_at} is null or {deleted_at} >= {AS_OF})"


_EXISTS = _exists()


@dataclass(frozen=True, slots=True)
class Population:
    """The records of one entity that a KPI counts.

    Attributes:
        wanted: a select of `source, record_id, total`; no total where only the count is known.
        amount: what `total` is in the measure rows, added up by record.
        record_id: what tells the record apart in the measure rows.
        source: whose the records are there.
    """

    kpi_id: str
    entity: str
    wanted: str
    amount: str = "null::double"
    record_id: str = "record_id"
    source: str = "source"

    @property
    def counted(self) -> str:
        """Wanted and found records, source by source; both sides in one row each."""
        return (
            f"with wanted as ({self.wanted}), "
            f"found as (select {self.source} as source, {self.record_id} as record_id, "
            f"{self.amount} as total from people.measure_rows "
            f"where kpi_id = '{self.kpi_id}' and entity = '{self.entity}' group by all "
            "union all select source, record_id, null from people.rejected "
            f"where kpi_id = '{self.kpi_id}' and entity = '{self.entity}') "
            "select source, count(wanted.record_id) as wanted, count(found.record_id) as found, "
            "count(*) filter (wanted.record_id is not null and found.record_id is not null) "
            "as in_both, sum(wanted.total)::double as wanted_sum, "
            "sum(found.total)::double as found_sum "
            "from wanted full join found using (source, record_id) group by source order by source"
        )


def _hours_after(instant: str, kpi_id: str, name: str, times: int = 1) -> str:
    hours = f"(select value from control.kpi_params where kpi_id = '{kpi_id}' and name = '{name}')"
    return f"{instant} + to_microseconds(cast(round({hours} * {times} * 3600000000) as bigint))"


def _requests(condition: str, total: str = "null::double") -> str:
    """Requests that began before the night, with `done_at`: their own, else their last event's."""
    return (
        f"with done as (select source, request_id, occurred_at from entities.request_events "
        f"where to_status = 'done' and {_EXISTS}), "
        "asked as (select *, coalesce(received_at, opened_at) as began_at, "
        "case when status = 'done' then coalesce(completed_at, ("
        "select max(done.occurred_at) from done where done.source = requests.source "
        "and done.request_id = requests.request_id "
        "and done.occurred_at >= coalesce(requests.received_at, requests.opened_at))) "
        f"end as done_at from entities.requests where {_EXISTS}) "
        f"select source, request_id as record_id, {total} as total from asked "
        f"where status <> 'cancelled' and began_at < {AS_OF} and {condition}"
    )


# done before the night, or nobody knows when: those are listed as rejected
_IS_DONE = f"status = 'done' and (done_at < {AS_OF} or done_at is null)"
_EXCEEDED = (
    "(source, request_id) in (select (source, request_id) from measures.int_request_clocks "
    f"where exceeded_at < {AS_OF})"
)


# the request that an answer is about: its own system's, else that of the first system that has it
_ASKED_OF = (
    "(select min_by(requests.source, (requests.source <> answers.source, sources.position)) "
    "from entities.requests join control.sources using (source) "
    f"where requests.request_id = answers.request_id and {_exists('requests')} "
    "and (requests.source, requests.request_id) not in (select (source, request_id) "
    "from measures.int_request_clocks where is_rejected))"
)
_PERSON = (
    "coalesce(people.source, answers.source), coalesce(people.employee_id, answers.respondent_id)"
)


def _answers(kpi_id: str, survey: str, about: str) -> str:
    """Answers to a survey: of one person about one thing the latest, beside the rejected ones."""
    return (
        "with answers as (select answers.*, (answers.source, response_id) in ("
        f"select (source, record_id) from people.rejected where kpi_id = '{kpi_id}' "
        f"and entity = 'survey_responses') as is_out, [{about}, {_PERSON}] as subject "
        "from entities.survey_responses as answers "
        "left join entities.employee_references as people "
        "on answers.source = people.reference_source "
        "and answers.respondent_id = people.reference_id "
        f"where survey = '{survey}' and submitted_at < {AS_OF} and {_EXISTS}) "
        "select source, response_id as record_id, case when not is_out then 1 + 4 "
        "* (score - coalesce(scale_min, 1)) / (coalesce(scale_max, 5) - coalesce(scale_min, 1)) "
        "end as total from answers qualify is_out or row_number() over ("
        "partition by is_out, subject order by submitted_at desc, response_id desc, source desc"
        ") = 1"
    )


# of nobody, or about nothing: each its own
_BY_REQUEST = (
    f"coalesce({_ASKED_OF}, answers.source), answers.request_id, "
    "case when answers.request_id is null or answers.respondent_id is null "
    "then concat(answers.source, ' ', answers.response_id) end"
)


def _versions(entity: str, key: str, condition: str) -> str:
    """Records of which a version that counts has begun; the sum is that of those that do now."""
    return (
        f"select source, {key} as record_id, "
        f"count(*) filter (exists_until is null or exists_until >= {AS_OF}) as total "
        f"from entities.{entity} where not is_tombstone and {condition} and valid_from < {AS_OF} "
        "and (exists_until is null or exists_until > valid_from) group by all"
    )


POPULATIONS: Sequence[Population] = (
    Population(
        "document_turnaround",
        "requests",
        _requests(f"kind in ('proposal', 'contract') and {_IS_DONE}"),
    ),
    Population(
        "customer_record_accuracy",
        "customers",
        _versions("customers", "customer_id", "status = 'active'"),
        amount="sum(denominator)",
    ),
    Population(
        "material_request_satisfaction",
        "survey_responses",
        _answers("material_request_satisfaction", "material_request", _BY_REQUEST),
        amount="sum(numerator)",
    ),
    Population(
        "contract_followup_completion",
        "contracts",
        "select source, contract_id as record_id, null::double as total from entities.contracts "
        f"where status is distinct from 'cancelled' and {_EXISTS} and "
        f"{_hours_after('signed_at', 'contract_followup_completion', 'within_hours')} < {AS_OF}",
    ),
    Population(
        "crm_entry_rate",
        "activities",
        "with dated as (select *, "
        f"{_hours_after('occurred_at', 'crm_entry_rate', 'entry_hours')} as due_at "
        f"from entities.activities where {_EXISTS}) "
        "select source, activity_id as record_id, "
        "coalesce(recorded_at <= due_at, false)::int as total from dated "
        f"where occurred_at < {AS_OF} and (recorded_at < {AS_OF} or due_at < {AS_OF})",
        amount="sum(numerator)",
    ),
    Population(
        "crm_entry_rate",
        "opportunities",
        _versions("opportunities", "opportunity_id", "not coalesce(is_closed, false)"),
        amount="sum(denominator)",
    ),
    Population(
        "report_on_time",
        "report_deliveries",
        # a week without a delivery is a row without a record: what is counted is the due day
        "select 'config' as source, concat(report_id, ' ', epoch_us(due.starts_at)) as record_id, "
        "count(*) as total from control.reports join control.days as nominal "
        "on isodow(nominal.date) = weekday and nominal.date >= starts_on "
        "asof join (select * from control.days where is_open) as due on nominal.date <= due.date "
        f"where nominal.starts_at < {AS_OF} and due.ends_at <= {AS_OF} group by all",
        amount="sum(denominator)",
        record_id="concat(kind, ' ', epoch_us(occurred_at))",
        source="'config'",
    ),
    Population(
        "report_usage",
        "meetings",
        "select meetings.source, concat(meetings.meeting_id, ' ', report_id) as record_id, "
        f"bool_or(used and {_exists('uses')})::int as total "
        "from entities.meetings join control.reports "
        f"on timezone({_ZONE}, held_at)::date >= starts_on left join entities.report_uses as uses "
        "on uses.source = meetings.source and uses.meeting_id = meetings.meeting_id "
        "and uses.report = report_id where meetings.kind = 'weekly_sales' "
        f"and held_at < {AS_OF} and {_exists('meetings')} "
        "group by all",
        amount="sum(numerator)",
        record_id="concat(record_id, ' ', kind)",
    ),
    Population(
        "insights_delivered",
        "insights",
        "select source, insight_id as record_id, 1 as total from entities.insights "
        f"where accepted and provided_at < {AS_OF} and {_EXISTS}",
        amount="sum(numerator)",
    ),
    Population(
        "inquiry_within_4h",
        "requests",
        # what is still open is decided by its clock alone
        _requests(f"kind = 'inquiry' and ({_IS_DONE} or {_EXCEEDED})"),
    ),
    Population(
        "inquiry_completion_rate",
        "requests",
        _requests("kind = 'inquiry'", f"coalesce(done_at < {AS_OF}, false)::int"),
        amount="sum(numerator)",
    ),
    Population(
        "inquiry_handling_time",
        "requests",
        _requests(f"kind = 'inquiry' and {_IS_DONE}"),
    ),
    Population(
        "complaint_support_satisfaction",
        "survey_responses",
        _answers("complaint_support_satisfaction", "complaint_support", _BY_REQUEST),
        amount="sum(numerator)",
    ),
    Population(
        "onboarding_satisfaction",
        "survey_responses",
        _answers("onboarding_satisfaction", "onboarding", "''"),
        amount="sum(numerator)",
    ),
    Population(
        "material_freshness",
        "materials",
        "with months as (select date_trunc('month', date)::date as month, "
        f"min(starts_at) as starts_at, least(max(ends_at), {AS_OF}) as until_at "
        f"from control.days group by all having min(starts_at) < {AS_OF}), "
        f"updates as (select * from entities.material_updates where {_EXISTS}) "
        "select materials.source, concat(materials.material_id, ' ', epoch_us(starts_at)) "
        "as record_id, (count(updates.update_id) > 0)::int as total from entities.materials "
        "join months on created_at < starts_at and coalesce(retired_at >= until_at, true) "
        "left join updates on updates.source = materials.source "
        "and updates.material_id = materials.material_id and updates.updated_at >= starts_at "
        f"and updates.updated_at < until_at where {_exists('materials')} group by all",
        amount="sum(numerator)",
        record_id="concat(record_id, ' ', epoch_us(occurred_at))",
    ),
)
