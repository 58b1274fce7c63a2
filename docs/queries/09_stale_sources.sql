-- Can tonight's numbers be trusted to be today's? · 자료가 오늘 것인가?
-- File: kpi.duckdb. A stale source makes every KPI stale that it feeds; those show an older day.
with night as (
    select max(as_of) as as_of from kpi_values
),

stale_kpis as (
    select
        count(*) as stale_kpi_count,
        string_agg(catalog.number || ' ' || catalog.name_en, ', ' order by catalog.position)
            as stale_kpis

    from kpi_catalog as catalog

    where catalog.is_stale
)

select
    sources.source,
    sources.is_stale,
    sources.last_outcome,
    sources.last_landed_at,
    sources.freshness_hours,
    round(date_diff('minute', sources.last_landed_at, night.as_of) / 60, 1) as hours_old,
    stale_kpis.stale_kpi_count,
    stale_kpis.stale_kpis

from source_freshness as sources
cross join night
cross join stale_kpis

order by sources.is_stale desc, sources.source asc
