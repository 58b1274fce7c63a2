-- Which records pulled last month down, and where were they read? · 값을 낮춘 기록과 그 출처
-- File: kpi_people.duckdb. For KPIs that count what happened (aggregation flow).
with asked as (
    select
        'inquiry_within_4h' as kpi_id,
        max(period_start) as period_start,
        max(period_end) as period_end

    from kpi_values

    where grain = 'month' and is_complete
)

select
    missed.kpi_id,
    missed.occurred_date,
    missed.employee_id,
    missed.team,
    missed.clock_hours,
    missed.source,
    missed.entity,
    missed.record_id,
    records.file_name,
    records.sheet_name,
    records.row_number,
    records.landed_at

from measure_rows as missed
inner join asked
    on
        missed.kpi_id = asked.kpi_id
        and missed.occurred_date between asked.period_start and asked.period_end
left join source_records as records
    on
        missed.source = records.source
        and missed.entity = records.entity
        and missed.record_id = records.record_id

where missed.aggregation = 'flow' and missed.numerator = 0

order by missed.occurred_date, missed.record_id
