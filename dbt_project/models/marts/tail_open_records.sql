with

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

    where is_measured

),

periods as (

    select * from {{ ref('periods') }}

    where grain <> 'day'

),

working_intervals as (

    select * from {{ source('control', 'working_intervals') }}

    where clock = 'business'

),

clocked_records as (

    select clocked_records.*

    from {{ ref('int_clocked_records') }} as clocked_records
    inner join measured_kpis on clocked_records.kpi_id = measured_kpis.kpi_id

),

-- every moment at which somebody looks: once for all the periods that end with it
moments as (

    select distinct evaluated_at from periods

),

open_then as (

    select
        clocked_records.*,
        moments.evaluated_at,
        moments.evaluated_at - to_microseconds(1) as attributed_at

    from clocked_records
    inner join moments
        on
            clocked_records.started_at < moments.evaluated_at
            and coalesce(clocked_records.ended_at, timestamptz 'infinity') >= moments.evaluated_at

),

{{ attributed('open_then') }},

aged as (

    select
        attributed.*,
        {{ hours('(epoch_us(attributed.evaluated_at) - epoch_us(attributed.started_at))') }}
            as calendar_hours,
        {{ clock_position('until_interval', 'attributed.evaluated_at') }}
        - {{ clock_position('from_interval', 'attributed.started_at') }} as business_microseconds

    from attributed
    asof left join working_intervals as from_interval
        on attributed.started_at >= from_interval.starts_at
    asof left join working_intervals as until_interval
        on attributed.evaluated_at >= until_interval.starts_at

),

final as (

    select
        aged.kpi_id,
        periods.grain,
        periods.period_start,
        aged.employee_id,
        aged.team,
        aged.calendar_hours,
        {{ hours('aged.business_microseconds') }} as business_hours,
        aged.source,
        aged.entity,
        aged.record_id

    from aged
    inner join periods on aged.evaluated_at = periods.evaluated_at

)

select * from final
