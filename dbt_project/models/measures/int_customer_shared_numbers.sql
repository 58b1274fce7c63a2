with

night as (

    select * from {{ source('control', 'night') }}

),

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
    semi join numbers_of_several
        on
            versions.source = numbers_of_several.source
            and versions.business_number = numbers_of_several.business_number

),

-- how many have a number is counted along the time: of a number that thousands were given because
-- theirs is not known, no two are compared
turns as (

    select source, business_number, valid_from as turned_at, 1 as change from suspects
    union all
    select source, business_number, exists_until as turned_at, -1 as change from suspects
    where exists_until is not null

),

counted as (

    select
        source,
        business_number,
        turned_at,
        sum(sum(change)) over (
            partition by source, business_number
            order by turned_at
        ) > 1 as is_shared

    from turns

    group by source, business_number, turned_at

),

changed as (

    select *

    from counted

    qualify
        is_shared is distinct from lag(is_shared) over (
            partition by source, business_number order by turned_at
        )

),

spans as (

    select
        *,
        lead(turned_at) over (
            partition by source, business_number order by turned_at
        ) as until_at

    from changed

),

-- who has it now, as many as anybody reads of
holders as (

    select
        suspects.source,
        suspects.business_number,
        list_slice(list_sort(list(distinct suspects.customer_id)), 1, 6) as customer_ids

    from suspects
    inner join night
        on
            suspects.valid_from < night.as_of
            and (suspects.exists_until >= night.as_of or suspects.exists_until is null)

    group by suspects.source, suspects.business_number

),

shared as (

    select
        suspects.source,
        suspects.customer_id,
        suspects.valid_from,
        greatest(suspects.valid_from, spans.turned_at) as from_at,
        least(suspects.exists_until, spans.until_at) as until_at,
        holders.customer_ids

    from suspects
    inner join spans
        on
            suspects.source = spans.source
            and suspects.business_number = spans.business_number
            and spans.is_shared
            and (spans.turned_at < suspects.exists_until or suspects.exists_until is null)
            and (suspects.valid_from < spans.until_at or spans.until_at is null)
    left join holders
        on
            suspects.source = holders.source
            and suspects.business_number = holders.business_number

),

others_named as (

    select
        *,
        list_filter(customer_ids, lambda holder: holder <> customer_id) as other_ids

    from shared

)

select
    source,
    customer_id,
    valid_from,
    from_at,
    until_at,
    unnest(case when len(other_ids) > 0 then other_ids else [null] end) as other_customer_id

from others_named
