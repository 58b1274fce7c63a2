with

pairs as (

    select * from {{ ref('kpi_driver_pairs') }}

),

cells as (

    select * from {{ ref('kpi_driver_cells') }}

),

sides as (

    select
        *,
        period_start as cell_start,
        true as is_now

    from pairs

    union all

    select
        *,
        base_period_start as cell_start,
        false as is_now

    from pairs

    where base_period_start is not null

),

grouped as (

    select
        sides.* exclude (cell_start, is_now, denominator, base_denominator),  -- noqa: RF02
        sides.denominator as total_denominator,
        sides.base_denominator as base_total_denominator,
        cells.dimension,
        cells.group_value,
        coalesce(sum(cells.numerator) filter (where sides.is_now), 0) as numerator,
        coalesce(sum(cells.denominator) filter (where sides.is_now), 0) as denominator,
        coalesce(sum(cells.numerator) filter (where not sides.is_now), 0) as base_numerator,
        coalesce(sum(cells.denominator) filter (where not sides.is_now), 0) as base_denominator

    from sides
    inner join cells
        on
            sides.kpi_id = cells.kpi_id
            and sides.grain = cells.grain
            and sides.scope_type = cells.scope_type
            and sides.scope_id = cells.scope_id
            and sides.cell_start = cells.period_start

    group by all

),

final as (

    select
        *,
        {{ ratio('denominator', 'total_denominator') }} as share,
        {{ ratio('numerator', 'denominator') }} as rate,
        {{ ratio('base_denominator', 'base_total_denominator') }} as base_share,
        {{ ratio('base_numerator', 'base_denominator') }} as base_rate

    from grouped

)

select * from final
