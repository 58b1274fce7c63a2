{#- How much of the KPI one fix of a record lifts: the worklist's order and its sums. -#}
with

night as (

    select * from {{ source('control', 'night') }}

),

fault_spans as (

    select * from {{ ref('int_customer_fault_spans') }}

    where until_at is null

),

rules as (

    select * from {{ ref('record_rules') }}

    where is_critical

),

customers as (

    select * from {{ ref('int_current_customers') }}

),

wrong as (

    select
        customers.source,
        customers.customer_id,
        customers.steward_id as employee_ref,
        night.as_of - interval 1 microsecond as attributed_at,
        count(*) as fix_count,
        max(case when rules.rule = 'unique' then fault_spans.other_ids end) as sharing_ids

    from fault_spans
    inner join rules on fault_spans.rule = rules.rule
    inner join customers
        on
            fault_spans.source = customers.source
            and fault_spans.customer_id = customers.customer_id
    cross join night
    group by all

),

{{ attributed('wrong') }},

-- two records that fail for nothing but their one number: one fix makes both right
paired as (

    select
        attributed.*,
        partners.customer_id as partner_id,
        partners.team as partner_team,
        partners.employee_id as partner_employee_id

    from attributed
    left join attributed as partners
        on
            attributed.fix_count = 1
            and len(attributed.sharing_ids) = 1
            and partners.fix_count = 1
            and len(partners.sharing_ids) = 1
            and attributed.source = partners.source
            and attributed.sharing_ids[1] = partners.customer_id
            and partners.sharing_ids[1] = attributed.customer_id

)

select
    source,
    customer_id,
    fix_count,
    employee_id,
    team,
    partner_id,
    partner_team,
    partner_employee_id

from paired
