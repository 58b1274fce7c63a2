with

cells as (

    select * from {{ ref('cells') }}

),

cell_targets as (

    select * from {{ ref('cell_targets') }}

),

student_t as (

    select * from {{ ref('student_t') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

reported_values as (

    select * from {{ source('control', 'reported_values') }}

),

-- the one place where a numerator is divided by a denominator
valued as (

    select
        cells.*,
        case
            when cells.unit = 'count' then case when cells.has_rows then cells.numerator end
            else {{ ratio('cells.numerator', 'cells.denominator') }}
        end as value,
        coalesce(case when cells.unit = 'count' then cells.numerator else cells.denominator end, 0)
            as sample_size,
        cell_targets.target

    from cells
    left join cell_targets on {{ is_same_cell('cells', 'cell_targets') }}

),

spread as (

    select
        valued.*,
        case
            when valued.unit in ('hours', 'score') and valued.sample_size >= 2
                then
                    {{ student_t_quantile('valued.sample_size - 1', 'student_t.quantile') }}
                    * valued.standard_deviation / sqrt(valued.sample_size)
        end as half_width

    from valued
    left join student_t on valued.sample_size - 1 = student_t.degrees_of_freedom

),

with_interval as (

    select
        *,
        case
            when not has_interval or value is null then null
            when unit = 'ratio' then {{ wilson_bound('value', 'sample_size', '-') }}
            when half_width is not null then value - half_width
        end as ci_low,
        case
            when not has_interval or value is null then null
            when unit = 'ratio' then {{ wilson_bound('value', 'sample_size', '+') }}
            when half_width is not null then value + half_width
        end as ci_high

    from spread

),

judged as (

    select
        *,
        case
            when value is null or target is null then null
            when better = 'higher' then least(value / target, 2)
            when value = 0 then 2
            else least(target / value, 2)
        end as attainment,
        case
            when value is null then 'no_data'
            when target is null then 'no_target'
            when sample_size < min_sample then 'insufficient'
            when {{ reaches('value', 'target', 'better') }} then 'met'
            when {{ reaches('value', 'target', 'better', tolerance='tolerance') }} then 'at_risk'
            else 'missed'
        end as status

    from with_interval

),

final as (

    select
        judged.kpi_id,
        judged.grain,
        judged.period_start,
        judged.period_end,
        judged.scope_type,
        judged.scope_id,
        judged.numerator::double as numerator,
        judged.denominator::double as denominator,
        judged.value::double as value,
        judged.target::double as target,
        judged.attainment::double as attainment,
        judged.status,
        judged.sample_size::bigint as sample_size,
        judged.ci_low::double as ci_low,
        judged.ci_high::double as ci_high,
        case
            when judged.ci_low is not null and judged.target is not null
                then
                    judged.target < judged.ci_low - 1e-9
                    or judged.target > judged.ci_high + 1e-9
        end as is_certain,
        judged.median::double as median,
        judged.p90::double as p90,
        judged.is_complete,
        judged.is_stale,
        night.as_of,
        -- said when the period was first complete; where nobody said it yet, it is said now
        case
            when not judged.is_complete then null
            when reported_values.kpi_id is null then judged.value
            else reported_values.value
        end::double as reported_value,
        case when judged.is_complete then coalesce(reported_values.as_of, night.as_of) end
            as reported_as_of,
        false as is_closed

    from judged
    cross join night
    left join reported_values on {{ is_same_cell('judged', 'reported_values') }}

)

select * from final
