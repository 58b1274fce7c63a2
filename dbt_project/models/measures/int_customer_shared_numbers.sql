with

versions as (

    select * from {{ ref('int_customer_versions') }}

    where business_number is not null

),

numbers_of_several as (

    select source, business_number

    from versions

    group by source, business_number

    having count(distinct customer_id) > 1

),

suspects as (

    select versions.*

    from versions
    inner join numbers_of_several
        on
            versions.source = numbers_of_several.source
            and versions.business_number = numbers_of_several.business_number

),

shared as (

    select
        suspects.source,
        suspects.customer_id,
        suspects.valid_from,
        others.customer_id as other_customer_id,
        greatest(suspects.valid_from, others.valid_from) as from_at,
        least(suspects.exists_until, others.exists_until) as until_at,
        others.load_seq

    from suspects
    inner join suspects as others
        on
            suspects.source = others.source
            and suspects.business_number = others.business_number
            and suspects.customer_id <> others.customer_id
            and (suspects.valid_from < others.exists_until or others.exists_until is null)
            and (others.valid_from < suspects.exists_until or suspects.exists_until is null)

)

select * from shared
