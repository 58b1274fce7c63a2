with

record_audits as (

    select * from {{ ref('record_audits') }} as record_audits

    where {{ exists_as_of('record_audits') }}

),

audited_customers as (

    select * from {{ ref('int_audited_customers') }}

),

customers as (

    select * from {{ ref('customers') }}

),

-- an audit may stand in another system than its record
placed as (

    select
        record_audits.* exclude (source, customer_id),
        record_audits.source as audit_source,
        coalesce(audited_customers.customer_source, record_audits.source) as source,
        coalesce(audited_customers.customer_id, record_audits.customer_id) as customer_id

    from record_audits
    left join audited_customers
        on
            record_audits.source = audited_customers.source
            and record_audits.audit_id = audited_customers.audit_id

),

-- of two audits at one instant the larger id decides, of two systems' the larger name
deciding as (

    select *

    from placed

    qualify row_number() over (
        partition by source, customer_id, audited_at
        order by audit_id desc, audit_source desc
    ) = 1

),

chained as (

    select
        *,
        lead(audited_at) over (
            partition by source, customer_id order by audited_at
        ) as next_audited_at

    from deciding

),

-- a finding stands until a strictly later version of the record, or the next audit
findings as (

    select
        chained.source,
        chained.customer_id,
        chained.audit_source,
        chained.audit_id,
        chained.audited_at as from_at,
        least(chained.next_audited_at, later_versions.valid_from) as until_at,
        chained.load_seq

    from chained
    asof left join customers as later_versions
        on
            chained.source = later_versions.source
            and chained.customer_id = later_versions.customer_id
            and chained.audited_at < later_versions.valid_from

    where not chained.is_accurate

)

select * from findings
