with

visible_rows as (

    select * from {{ ref('visible_rows') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

-- of a stock not its changes count, but what is held now, for whoever its holder is now
held as (

    select
        visible_rows.kpi_id,
        visible_rows.source,
        visible_rows.employee_ref,
        visible_rows.employee_source,
        visible_rows.employee_record_id,
        visible_rows.person_id,
        visible_rows.entity,
        visible_rows.record_id,
        night.as_of - to_microseconds(1) as attributed_at

    from visible_rows
    cross join night

    where visible_rows.aggregation = 'stock'

    group by all

    having sum(coalesce(visible_rows.denominator, visible_rows.numerator)) > 0

),

{{ attributed_people('held') }},

counted as (

    select
        kpi_id,
        source,
        occurred_date,
        employee_ref,
        person_id,
        employee_id

    from visible_rows

    where aggregation <> 'stock'

    union all

    select
        kpi_id,
        source,
        {{ local_date('attributed_at') }} as occurred_date,
        employee_ref,
        person_id,
        employee_id

    from attributed

),

final as (

    select
        kpi_id,
        source,
        date_trunc('month', occurred_date)::date as month_date,
        case
            when employee_ref is null then 'no_employee_given'
            when person_id is null then 'employee_unknown'
            else 'employee_unknown_then'
        end as reason,
        count(*) as row_count

    from counted

    where employee_id is null

    group by all

)

select * from final
