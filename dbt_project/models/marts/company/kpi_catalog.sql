with

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

),

final as (

    select
        kpi_id,
        position::int as position,
        number,
        name_ko,
        name_en,
        definition_ko,
        definition_en,
        unit,
        better,
        aggregation,
        clock,
        accountable,
        tolerance::double as tolerance,
        min_sample::bigint as min_sample,
        is_measured,
        missing_entities,
        is_stale

    from measured_kpis

)

select * from final

order by position
