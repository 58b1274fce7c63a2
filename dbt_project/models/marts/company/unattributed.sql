with

visible_rows as (

    select * from {{ ref('visible_rows') }}

    where employee_id is null

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

    from visible_rows

    group by all

)

select * from final
