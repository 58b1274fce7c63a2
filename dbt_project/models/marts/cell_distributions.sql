with

measured_kpis as (

    select * from {{ ref('measured_kpis') }}

    where unit in ('hours', 'score')

),

mean_rows as (

    select
        visible_rows.*,
        measured_kpis.unit

    from {{ ref('visible_rows') }} as visible_rows
    inner join measured_kpis on visible_rows.kpi_id = measured_kpis.kpi_id

    where visible_rows.aggregation = 'flow'

),

periods as (

    select * from {{ ref('periods') }}

),

scoped as (

    {{ in_each_scope('mean_rows') }}

),

final as (

    select
        scoped.kpi_id,
        periods.grain,
        periods.period_start,
        scoped.scope_type,
        scoped.scope_id,
        -- from the rows, not from sums of squares: those lose their digits where scores agree;
        -- its own last digits depend on the order of the rows: round them away
        round(stddev_samp(scoped.numerator), 10) as standard_deviation,
        quantile_cont(scoped.numerator, 0.5) filter (where scoped.unit = 'hours') as median,
        quantile_cont(scoped.numerator, 0.9) filter (where scoped.unit = 'hours') as p90

    from scoped
    inner join periods
        on scoped.occurred_date between periods.period_start and periods.period_end

    group by
        scoped.kpi_id,
        periods.grain,
        periods.period_start,
        scoped.scope_type,
        scoped.scope_id

)

select * from final
