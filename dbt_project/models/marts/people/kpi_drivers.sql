with

compared as (

    select * from {{ ref('kpi_driver_groups') }}

),

-- a group that is new or has vanished has no rate to compare: all of its effect is of the mix
split as (

    select
        *,
        case
            when is_count then null
            when comparison = 'target' then share * (rate - base_value)
            when rate is null or base_rate is null then 0
            else share * (rate - base_rate)
        end as rate_effect,
        case
            when is_count then null
            when comparison = 'target' then 0
            when base_rate is null then share * (rate - base_value)
            else (share - base_share) * (base_rate - base_value)
        end as mix_effect,
        case when is_count then numerator - base_numerator end as count_effect

    from compared

),

-- a target counts no records of a group: it is taken off once, on a line of its own
target_lines as (

    select distinct
        kpi_id,
        grain,
        period_start,
        scope_type,
        scope_id,
        comparison,
        base_period_start,
        dimension,
        true as is_target,
        value,
        base_value,
        -base_value as count_effect

    from split

    where is_count and comparison = 'target'

),

lines as (

    select
        *,
        false as is_target

    from split

    union all by name

    select * from target_lines

),

final as (

    select
        kpi_id,
        grain,
        period_start,
        scope_type,
        scope_id,
        comparison,
        base_period_start,
        dimension,
        group_value,
        is_target,
        value,
        base_value,
        case when not is_target then numerator end as numerator,
        case when not is_count then denominator end as denominator,
        share,
        rate,
        case when comparison = 'previous' then base_numerator end as base_numerator,
        case when comparison = 'previous' and not is_count then base_denominator end
            as base_denominator,
        case when comparison = 'previous' then base_share end as base_share,
        base_rate,
        rate_effect,
        mix_effect,
        coalesce(count_effect, rate_effect + mix_effect) as total_effect

    from lines

)

select * from final
