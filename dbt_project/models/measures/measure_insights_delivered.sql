with

insights as (

    select * from {{ ref('insights') }} as insights

    where accepted and {{ exists_as_of('insights') }}

),

final as (

    select
        'insights_delivered' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        provided_at as occurred_at,
        provided_at as visible_from,
        null::timestamptz as visible_until,
        1::double as numerator,
        null::double as denominator,
        source,
        author_id as employee_ref,
        'insights' as entity,
        insight_id as record_id,
        load_seq

    from insights

)

select * from final
