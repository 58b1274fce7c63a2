{{ config(materialized='view') }}

select
    kpi_id,
    part,
    aggregation,
    occurred_at,
    employee_id,
    team,
    numerator,
    denominator,
    clock_hours,
    elapsed_hours,
    kind,
    channel,
    priority,
    segment,
    source,
    entity,
    record_id,
    load_seq,
    occurred_date

from {{ ref('visible_rows') }}
