with

night as (

    select * from {{ source('control', 'night') }}

),

-- the version of each active record that is valid just before the as-of instant
current_versions as (

    select versions.*

    from {{ ref('int_customer_versions') }} as versions
    inner join night
        on
            versions.valid_from < night.as_of
            and (versions.exists_until >= night.as_of or versions.exists_until is null)

),

shared_numbers as (

    select * from {{ ref('int_customer_shared_numbers') }}

),

audit_findings as (

    select * from {{ ref('int_customer_audit_findings') }}

),

owner_terms as (

    select * from {{ ref('int_owner_terms') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

),

owned as (

    select
        current_versions.source,
        current_versions.customer_id

    from current_versions
    inner join employee_references
        on
            current_versions.source = employee_references.reference_source
            and current_versions.owner_id = employee_references.reference_id
    inner join owner_terms
        on
            employee_references.source = owner_terms.source
            and employee_references.employee_id = owner_terms.employee_id
    inner join night
        on
            owner_terms.known_from < night.as_of
            and owner_terms.from_at < night.as_of
            and (owner_terms.until_at >= night.as_of or owner_terms.until_at is null)

),

issues as (

    {% for rule in record_rules() -%}
    select source, customer_id, steward_id, '{{ rule }}' as rule, valid_from as since
    from current_versions
    where not passes_{{ rule }}

    union all

    {% endfor -%}
    select source, customer_id, steward_id, 'owner_id' as rule, valid_from as since
    from current_versions
    where (source, customer_id) not in (select (owned.source, owned.customer_id) from owned)

    union all

    select
        current_versions.source,
        current_versions.customer_id,
        current_versions.steward_id,
        'unique' as rule,
        min(shared_numbers.from_at) as since
    from current_versions
    inner join shared_numbers
        on
            current_versions.source = shared_numbers.source
            and current_versions.customer_id = shared_numbers.customer_id
    inner join night
        on
            shared_numbers.from_at < night.as_of
            and (shared_numbers.until_at >= night.as_of or shared_numbers.until_at is null)
    group by current_versions.source, current_versions.customer_id, current_versions.steward_id

    union all

    select
        current_versions.source,
        current_versions.customer_id,
        current_versions.steward_id,
        'audit' as rule,
        audit_findings.from_at as since
    from current_versions
    inner join audit_findings
        on
            current_versions.source = audit_findings.source
            and current_versions.customer_id = audit_findings.customer_id
    inner join night
        on
            audit_findings.from_at < night.as_of
            and (audit_findings.until_at >= night.as_of or audit_findings.until_at is null)

)

select
    source,
    customer_id,
    steward_id,
    rule,
    since

from issues
