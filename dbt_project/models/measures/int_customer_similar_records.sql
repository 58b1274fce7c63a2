with

limits as (

    select * from {{ source('control', 'record_limits') }}

),

customers as (

    select
        source,
        customer_id,
        valid_from,
        {{ plain_words('name') }} as name,
        {{ plain_words('address') }} as address,
        {{ plain_words('postal_code') }} as postal_code

    from {{ ref('int_current_customers') }}

),

compared as (

    select
        *,
        row_number() over () as number,
        nullif(postal_code, '') as known_code,
        regexp_replace(name, '[^0-9]', '', 'g') as name_number,
        replace(name, ' ', '') as packed_name,
        replace(address, ' ', '') as packed_address,
        array_to_string(list_sort(string_split(name, ' ')), '') as sorted_name

    from customers

    where length(name) >= 2 and address <> ''

),

-- what two records of one customer still have in common when one of them was mistyped; a number in
-- a name (the third branch) is no slip: names with different numbers are not compared
keyed as (

    select
        number,
        source,
        postal_code,
        name_number,
        unnest([
            'n' || left(packed_name, 4) || '|' || left(known_code, 3),
            'p' || left(sorted_name, 2) || '|' || known_code,
            'e' || right(packed_name, 4) || '|' || left(known_code, 2),
            'a' || left(sorted_name, 1) || '|' || left(packed_address, 8),
            'z' || right(packed_address, 10)
        ]) as match_key

    from compared

),

hashed as (

    select number, postal_code, hash(source, match_key, name_number) as match_key

    from keyed

    where match_key is not null

),

-- a key that very many share says nothing, and would cost the square of its records
telling as (

    select match_key

    from hashed

    group by match_key

    having count(*) between 2 and (select limits.most_alike from limits)

),

told_apart as (

    select hashed.*

    from hashed
    semi join telling on hashed.match_key = telling.match_key

),

candidates as (

    select distinct told_apart.number, others.number as other_number

    from told_apart
    inner join told_apart as others
        on
            told_apart.match_key = others.match_key
            and told_apart.number < others.number
            -- postal codes more than one slip apart are two places, whatever the street is called
            and (
                told_apart.postal_code = ''
                or others.postal_code = ''
                or damerau_levenshtein(told_apart.postal_code, others.postal_code) <= 1
            )

),

named as (

    select
        candidates.number,
        candidates.other_number,
        case
            when one.name = other.name then 1
            -- as written, or with the words in another order; what is not the same is less than 1
            else least(
                greatest(
                    jaro_winkler_similarity(one.name, other.name),
                    jaro_winkler_similarity(one.sorted_name, other.sorted_name)
                ),
                0.999
            )
        end as name_similarity

    from candidates
    inner join compared as one on candidates.number = one.number
    inner join compared as other on candidates.other_number = other.number

),

placed as (

    select
        one.source,
        one.customer_id,
        other.customer_id as other_customer_id,
        greatest(one.valid_from, other.valid_from) as from_at,
        named.name_similarity,
        one.address = other.address as is_same_address,
        jaro_winkler_similarity(one.address, other.address) as address_likeness,
        list_distinct(string_split(trim(one.address || ' ' || one.postal_code), ' ')) as places,
        list_distinct(string_split(trim(other.address || ' ' || other.postal_code), ' '))
            as other_places,
        one.known_code as postal_code,
        other.known_code as other_postal_code

    from named
    inner join compared as one on named.number = one.number
    inner join compared as other on named.other_number = other.number

    -- so unlike a name no address makes up for
    where named.name_similarity >= {{ least_name_similarity() }}

),

likened as (

    select
        *,
        case
            when is_same_address then 1
            else least(
                greatest(address_likeness, {{ overlap('places', 'other_places') }}), 0.999
            )
        end as address_similarity

    from placed

),

weighed as (

    select
        *,
        {{ prior_weight() }}
        + {{ name_weight('name_similarity') }}
        + {{ address_weight('address_similarity') }}
        + {{ postal_code_weight('postal_code', 'other_postal_code') }} as weight

    from likened

),

alike as (

    select weighed.*

    from weighed
    inner join limits on 1 / (1 + pow(2, -weighed.weight)) >= limits.duplicate_probability

),

-- each of the two has to hear of it
told as (

    select source, customer_id, other_customer_id, from_at
    from alike

    union all

    select source, other_customer_id as customer_id, customer_id as other_customer_id, from_at
    from alike

)

select *, null::timestamptz as until_at

from told
