with

fault_spans as (

    select * from {{ ref('int_customer_fault_spans') }}

    where until_at is null

),

rules as (

    select * from {{ ref('record_rules') }}

),

customers as (

    select * from {{ ref('int_current_customers') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

repairs as (

    select * from {{ ref('record_repairs') }}

),

issues as (

    select
        fault_spans.source,
        fault_spans.customer_id,
        {{ person_of('stewards', 'customers', 'steward_id') }} as steward_id,
        fault_spans.rule,
        rules.is_critical,
        fault_spans.since,
        coalesce(repairs.fix_count, 0) as fix_count,
        -- records that one fix more makes right
        case
            when not rules.is_critical then 0
            when repairs.partner_id is not null then 2
            else 1 / repairs.fix_count
        end as lift,
        rules.position,
        case
            when len(fault_spans.other_ids) > 0
                then array_to_string(list_slice(fault_spans.other_ids, 1, 5), ', ')
        end as other_customer_ids

    from fault_spans
    inner join rules on fault_spans.rule = rules.rule
    inner join customers
        on
            fault_spans.source = customers.source
            and fault_spans.customer_id = customers.customer_id
    {{ join_person('stewards', 'customers', 'steward_id') }}
    left join repairs
        on
            fault_spans.source = repairs.source
            and fault_spans.customer_id = repairs.customer_id

)

select
    source,
    customer_id,
    steward_id,
    rule,
    since,
    is_critical,
    fix_count,
    lift::double as lift,
    row_number() over (
        partition by steward_id
        order by
            lift desc,
            fix_count asc,
            is_critical desc,
            since asc,
            source asc,
            customer_id asc,
            position asc
    ) as place,
    other_customer_ids

from issues
