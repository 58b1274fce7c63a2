with

record_audits as (

    select * from {{ ref('record_audits') }}

),

drawn as (

    select * from {{ source('control', 'audit_sample_records') }}

),

sources as (

    select * from {{ source('control', 'sources') }}

),

known_customers as (

    select distinct customers.source, customers.customer_id, sources.position

    from {{ ref('customers') }} as customers
    inner join sources on customers.source = sources.source
    semi join record_audits on customers.customer_id = record_audits.customer_id

),

-- the record that was drawn, else the own system's, else the first system's
resolved as (

    select
        record_audits.source,
        record_audits.audit_id,
        coalesce(drawn.customer_source, known_customers.source) as customer_source,
        coalesce(drawn.customer_id, known_customers.customer_id) as customer_id,
        drawn.sample_id,
        drawn.stratum

    from record_audits
    left join drawn on record_audits.audit_id = drawn.audit_id
    left join known_customers on record_audits.customer_id = known_customers.customer_id

    qualify row_number() over (
        partition by record_audits.source, record_audits.audit_id
        order by
            known_customers.source = record_audits.source desc nulls last,
            known_customers.position asc
    ) = 1

)

select * from resolved

where customer_id is not null
