-- Is the last move real, or is it noise? · 진짜 변화인가, 우연한 흔들림인가?
-- File: kpi.duckdb. The last 26 weeks with their control limits; signal none: nothing to explain.
with asked as (
    select
        'inquiry_within_4h' as kpi_id,
        'week' as grain
)

select
    signals.period_start,
    signals.value,
    signals.centre,
    signals.lower,
    signals.upper,
    signals.point_count,
    signals.run_length,
    signals.signal,
    signals.is_favourable

from kpi_signals as signals
inner join asked on signals.kpi_id = asked.kpi_id and signals.grain = asked.grain

where signals.scope_type = 'company'

order by signals.period_start desc

limit 26
