with

stock_rows as (

    select * from {{ ref('visible_rows') }}

    where aggregation = 'stock'

),

final as (

    select
        kpi_id,
        source,
        entity,
        record_id

    from stock_rows

    group by kpi_id, source, entity, record_id

    having
        min(hash(kind, channel, priority, segment)) <> max(hash(kind, channel, priority, segment))

)

select * from final
