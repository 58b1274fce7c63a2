{% set chart = control_chart() %}

with

kpis as (

    select * from {{ source('control', 'kpis') }}

),

points as (

    select
        kpi_values.kpi_id,
        kpi_values.grain,
        kpi_values.period_start,
        kpi_values.period_end,
        kpi_values.scope_type,
        kpi_values.scope_id,
        kpi_values.value,
        kpi_values.as_of,
        kpi_values.is_complete and kpi_values.value is not null as is_point,
        kpis.better,
        case kpis.unit when 'score' then 1 else 0 end as least_value,
        case kpis.unit when 'ratio' then 1 when 'score' then 5 end as greatest_value,
        case kpi_values.grain
            when 'week' then {{ chart.longest_weeks }}
            else {{ chart.longest_months }}
        end as charted

    from {{ ref('kpi_values') }} as kpi_values
    inner join kpis on kpi_values.kpi_id = kpis.kpi_id

    where
        kpi_values.scope_type in ('company', 'team')
        and kpi_values.grain in ('week', 'month')

),

-- only complete periods with data are points; the chart holds the last of them
numbered as (

    select
        *,
        row_number() over (
            partition by kpi_id, grain, scope_type, scope_id, is_point
            order by period_start desc
        ) as places_before_last

    from points

),

begun as (

    select
        *,
        min(period_start) filter (where is_point and places_before_last <= charted) over (
            partition by kpi_id, grain, scope_type, scope_id
        ) as first_period_start

    from numbered

),

-- a gap does not break the line: the range is taken to the point before it
moved as (

    select
        *,
        case
            when is_point
                then abs(value - lag(value) over (
                    partition by kpi_id, grain, scope_type, scope_id, is_point
                    order by period_start
                ))
        end as moving_range

    from begun

    where period_start >= first_period_start or first_period_start is null

),

averaged as (

    select
        *,
        avg(value) filter (where is_point) over charts as mean,
        avg(moving_range) over charts as mean_moving_range,
        count(*) filter (where is_point) over charts as point_count

    from moved

    window charts as (partition by kpi_id, grain, scope_type, scope_id)

),

-- no limit lies where no value can; sums of floats depend on their order in the last digits: round
-- them away
limited as (

    select
        *,
        point_count >= {{ chart.least_points }} as has_limits,
        round(mean, 10) as centre,
        greatest(
            round(mean - {{ chart.limit_factor }} * mean_moving_range, 10), least_value
        ) as lower_limit,
        least(
            round(mean + {{ chart.limit_factor }} * mean_moving_range, 10), greatest_value
        ) as upper_limit,
        round({{ chart.range_factor }} * mean_moving_range, 10) as range_limit

    from averaged

),

sided as (

    select
        *,
        case
            when not (is_point and has_limits) then null
            when value > centre + 1e-9 then 'above'
            when value < centre - 1e-9 then 'below'
            else 'on'
        end as side

    from limited

),

turned as (

    select
        *,
        coalesce(
            side <> lag(side) over (
                partition by kpi_id, grain, scope_type, scope_id, is_point order by period_start
            ),
            true
        ) as is_turn

    from sided

),

in_runs as (

    select
        *,
        sum(is_turn::int) over (
            partition by kpi_id, grain, scope_type, scope_id, is_point
            order by period_start rows unbounded preceding
        ) as run

    from turned

),

judged as (

    select
        *,
        case
            when side = 'on' then 0
            when side is not null
                then row_number() over (
                    partition by kpi_id, grain, scope_type, scope_id, is_point, run
                    order by period_start
                )
        end as run_length,
        case
            when side is not null
                then value > upper_limit + 1e-9 or value < lower_limit - 1e-9
        end as is_outside,
        case when side is not null then coalesce(moving_range > range_limit + 1e-9, false) end
            as is_jump

    from in_runs

),

final as (

    select
        kpi_id,
        grain,
        period_start,
        period_end,
        scope_type,
        scope_id,
        value::double as value,
        is_point,
        point_count::bigint as point_count,
        moving_range::double as moving_range,
        case when has_limits then centre end::double as centre,
        case when has_limits then lower_limit end::double as lower,
        case when has_limits then upper_limit end::double as upper,
        case when has_limits then range_limit end::double as moving_range_limit,
        side,
        run_length::bigint as run_length,
        is_outside,
        run_length >= {{ chart.longest_run }} as is_run,
        is_jump,
        case
            when value is null then 'no_data'
            when not is_point then 'open_period'
            when not has_limits then 'too_few_points'
            when is_outside then 'outside_' || side
            when run_length >= {{ chart.longest_run }} then 'run_' || side
            when is_jump then 'jump'
            else 'none'
        end as signal,
        case
            when is_outside or run_length >= {{ chart.longest_run }}
                then (side = 'above') = (better = 'higher')
        end as is_favourable,
        as_of

    from judged

)

select * from final
