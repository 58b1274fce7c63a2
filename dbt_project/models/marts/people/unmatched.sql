with

employee_references as (

    select * from {{ ref('employee_references') }}

),

customer_references as (

    select * from {{ ref('customer_references') }}

),

visible_rows as (

    select * from {{ ref('visible_rows') }}

),

people as (

    select
        'employees' as entity,
        case when person_id is null then 'matches_nobody' else 'in_one_system_only' end as reason,
        record_source as source,
        record_employee_id as record_id

    from employee_references

    where
        is_unmatched
        and reference_source = record_source
        and reference_id = record_employee_id

),

people_counted as (

    select
        people.entity,
        people.reason,
        people.source,
        people.record_id,
        count(visible_rows.kpi_id) as row_count

    from people
    left join visible_rows
        on people.source = visible_rows.source and people.record_id = visible_rows.employee_ref

    group by all

),

customers as (

    select
        'customers' as entity,
        case when is_foreign then 'matches_nobody' else 'in_one_system_only' end as reason,
        reference_source as source,
        reference_id as record_id,
        row_count

    from customer_references

    where source is null

)

-- an address is contact data: it is told apart without being said
select
    * replace (
        case
            when record_id like '%@%'
                then
                    'address at ' || split_part(record_id, '@', 2)
                    || ' #' || left(md5(record_id), 6)
            else record_id
        end as record_id
    )

from (
    select * from people_counted
    union all by name
    select * from customers
)
