with

stock_levels as (

    select * from {{ ref('stock_levels') }}

),

scoped as (

    {{ in_each_scope('stock_levels') }}

),

final as (

    select
        kpi_id,
        grain,
        period_start,
        scope_type,
        scope_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        bool_or(is_opening) as is_opening

    from scoped

    group by kpi_id, grain, period_start, scope_type, scope_id

)

select * from final
