with

night as (

    select * from {{ source('control', 'night') }}

),

record_audits as (

    select record_audits.*

    from {{ ref('record_audits') }} as record_audits
    inner join night on record_audits.audited_at < night.as_of

    where {{ exists_as_of('record_audits') }}

),

audited_customers as (

    select * from {{ ref('int_audited_customers') }}

),


fault_spans as (

    select fault_spans.*

    from {{ ref('int_customer_fault_spans') }} as fault_spans
    inner join {{ ref('record_rules') }} as rules
        on fault_spans.rule = rules.rule

    where rules.is_critical and rules.rule <> 'audit'

),

versions as (

    select * from {{ ref('int_customer_versions') }}

),

-- audits that were not drawn here are taken for a simple random sample of their month
judged as (

    select
        record_audits.audit_id,
        record_audits.audited_at,
        record_audits.is_accurate,
        nullif(record_audits.field, '') as field,
        audited_customers.customer_source,
        audited_customers.customer_id,
        coalesce(
            audited_customers.sample_id,
            'audits-'
            || strftime(timezone(night.timezone, record_audits.audited_at), '%Y-%m')
        ) as sample_id,
        coalesce(audited_customers.stratum, 'all') as stratum,
        audited_customers.sample_id is not null as is_drawn

    from record_audits
    inner join audited_customers
        on
            record_audits.source = audited_customers.source
            and record_audits.audit_id = audited_customers.audit_id
    cross join night

),

-- what the rules said when the record was verified
compared as (

    select
        judged.*,
        not exists (
            select 1 from fault_spans
            where
                judged.customer_source = fault_spans.source
                and judged.customer_id = fault_spans.customer_id
                and judged.audited_at >= fault_spans.since
                and (judged.audited_at < fault_spans.until_at or fault_spans.until_at is null)
        ) as passes_rules

    from judged

    -- what was no active record then is no part of the population
    where
        exists (
            select 1 from versions
            where
                judged.customer_source = versions.source
                and judged.customer_id = versions.customer_id
                and judged.audited_at >= versions.valid_from
                and (judged.audited_at < versions.exists_until or versions.exists_until is null)
        )

    -- a record that is verified again was put right in between: it was drawn once
    qualify row_number() over (
        partition by judged.sample_id, judged.customer_source, judged.customer_id
        order by judged.audited_at, judged.audit_id
    ) = 1

)

select * from compared
