with

kpi_values as (

    select * from {{ ref('kpi_values') }}

    where grain <> 'day'

),

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

),

with_previous as (

    select
        kpi_values.kpi_id,
        kpi_values.grain,
        kpi_values.period_start,
        kpi_values.scope_type,
        kpi_values.scope_id,
        kpi_values.value,
        kpi_values.denominator,
        kpi_values.target,
        measured_kpis.unit = 'count' as is_count,
        lag(kpi_values.period_start) over periods as previous_start,
        lag(kpi_values.value) over periods as previous_value,
        lag(kpi_values.denominator) over periods as previous_denominator

    from kpi_values
    inner join measured_kpis on kpi_values.kpi_id = measured_kpis.kpi_id

    window periods as (
        partition by
            kpi_values.kpi_id, kpi_values.grain, kpi_values.scope_type, kpi_values.scope_id
        order by kpi_values.period_start
    )

),

-- without a value on both sides there is no difference
final as (

    select
        * exclude (target, previous_start, previous_value, previous_denominator),
        'previous' as comparison,
        previous_start as base_period_start,
        previous_value as base_value,
        previous_denominator as base_denominator

    from with_previous

    where value is not null and previous_value is not null

    union all by name

    select
        * exclude (target, previous_start, previous_value, previous_denominator),
        'target' as comparison,
        null as base_period_start,
        target as base_value,
        null as base_denominator

    from with_previous

    where value is not null and target is not null

)

select * from final
