with

night as (

    select * from {{ source('control', 'night') }}

),

ended as (

    select fault_spans.*

    from {{ ref('int_customer_fault_spans') }} as fault_spans
    inner join {{ ref('record_rules') }} as rules
        on fault_spans.rule = rules.rule and rules.is_critical
    inner join night
        on fault_spans.until_at > night.as_of - interval 92 days

),

versions as (

    select * from {{ ref('int_customer_versions') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

-- a customer who left, or was deleted, was not put right
fixed as (

    select
        ended.source,
        ended.customer_id,
        {{ person_of('stewards', 'versions', 'steward_id') }} as steward_id,
        ended.rule,
        ended.since,
        ended.until_at as fixed_at

    from ended
    inner join versions
        on
            ended.source = versions.source
            and ended.customer_id = versions.customer_id
            and ended.until_at >= versions.valid_from
            and (ended.until_at < versions.exists_until or versions.exists_until is null)
    {{ join_person('stewards', 'versions', 'steward_id') }}

)

select * from fixed
