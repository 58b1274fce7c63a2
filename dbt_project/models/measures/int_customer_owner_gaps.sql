with

night as (

    select * from {{ source('control', 'night') }}

),

owner_terms as (

    select owner_terms.*

    from {{ ref('int_owner_terms') }} as owner_terms
    inner join night on owner_terms.known_from < night.as_of

),

owners as (

    select
        employee_references.reference_source,
        employee_references.reference_id,
        owner_terms.from_at,
        owner_terms.until_at

    from {{ ref('employee_references') }} as employee_references
    inner join owner_terms
        on
            employee_references.source = owner_terms.source
            and employee_references.employee_id = owner_terms.employee_id

),

-- whose owner has always been there and still is has no gap: nearly all of them
suspects as (

    select versions.*

    from {{ ref('int_customer_versions') }} as versions
    anti join (
        select * from owners where until_at is null and from_at = {{ always() }}
    ) as steady
        on
            versions.source = steady.reference_source
            and versions.owner_id = steady.reference_id

),

owned as (

    select
        suspects.source,
        suspects.customer_id,
        suspects.valid_from,
        suspects.exists_until,
        greatest(suspects.valid_from, owners.from_at) as from_at,
        least(suspects.exists_until, owners.until_at) as until_at

    from suspects
    inner join owners
        on
            suspects.source = owners.reference_source
            and suspects.owner_id = owners.reference_id
            and (owners.from_at < suspects.exists_until or suspects.exists_until is null)
            and (suspects.valid_from < owners.until_at or owners.until_at is null)

),

neighbours as (

    select
        *,
        coalesce(lag(until_at) over version, valid_from) as free_from_at,
        lead(from_at) over version is null as is_last

    from owned

    window version as (partition by source, customer_id, valid_from order by from_at)

),

gaps as (

    select
        suspects.source,
        suspects.customer_id,
        suspects.valid_from as from_at,
        suspects.exists_until as until_at
    from suspects
    anti join owned
        on
            suspects.source = owned.source
            and suspects.customer_id = owned.customer_id
            and suspects.valid_from = owned.valid_from

    union all

    select
        source, customer_id, free_from_at as from_at, from_at as until_at
    from neighbours
    where free_from_at < from_at

    union all

    select
        source, customer_id, until_at as from_at, exists_until as until_at
    from neighbours
    where is_last and until_at is not null and until_at is distinct from exists_until

)

select * from gaps
