with

customers as (

    select * from {{ ref('customers') }}

    where not is_tombstone and valid_from < {{ as_of() }}

),

sources as (

    select * from {{ source('control', 'sources') }}

),

referring as (

    select
        source,
        customer_id,
        sum(row_count)::bigint as row_count

    from (
        {% for entity in [
            'opportunities', 'activities', 'contracts', 'requests', 'record_audits'
        ] -%}
        select
            source,
            customer_id,
            count(*) as row_count
        from {{ ref(entity) }}
        where customer_id is not null
        group by all
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    )

    group by source, customer_id

),

-- the record of a later system is that of an earlier one if both have the same registration number
-- and no other record of either system has it
latest as (

    select
        customers.source,
        customers.customer_id,
        sources.position,
        {{ bare_number("arg_max(customers.business_registration_no, customers.valid_from)") }}
            as business_number

    from customers
    inner join sources on customers.source = sources.source

    where (select count(distinct counted.source) from customers as counted) > 1

    group by customers.source, customers.customer_id, sources.position

),

shared_numbers as (

    select business_number

    from (
        select
            source,
            business_number
        from latest
        where business_number <> ''
        group by source, business_number
        having count(*) > 1
    )

    group by business_number

),

numbered as (

    select latest.*

    from latest
    left join shared_numbers on latest.business_number = shared_numbers.business_number

    where shared_numbers.business_number is null and latest.business_number <> ''

),

first_records as (

    select
        business_number,
        min_by(source, position) as source,
        min_by(customer_id, position) as customer_id

    from numbered

    group by business_number

),

own_records as (

    select
        latest.source as reference_source,
        latest.customer_id as reference_id,
        false as is_foreign,
        first_records.source,
        first_records.customer_id,
        coalesce(referring.row_count, 0) as row_count

    from latest
    left join numbered
        on latest.source = numbered.source and latest.customer_id = numbered.customer_id
    left join first_records on numbered.business_number = first_records.business_number
    left join referring
        on latest.source = referring.source and latest.customer_id = referring.customer_id

    where
        latest.position > (select min(latest.position) from latest)
        and latest.source is distinct from first_records.source

),

-- the ids of another system's customers, stored as they are there
foreign_ids as (

    select referring.*

    from referring
    anti join (select distinct source, customer_id from {{ ref('customers') }}) as own
        on referring.source = own.source and referring.customer_id = own.customer_id

),

known as (

    select
        customers.customer_id,
        min_by(customers.source, sources.position) as source

    from customers
    inner join sources on customers.source = sources.source
    semi join foreign_ids on customers.customer_id = foreign_ids.customer_id

    group by customers.customer_id

),

foreign_records as (

    select
        foreign_ids.source as reference_source,
        foreign_ids.customer_id as reference_id,
        true as is_foreign,
        coalesce(own_records.source, known.source) as source,
        coalesce(own_records.customer_id, known.customer_id) as customer_id,
        foreign_ids.row_count

    from foreign_ids
    left join known on foreign_ids.customer_id = known.customer_id
    left join own_records
        on
            known.source = own_records.reference_source
            and known.customer_id = own_records.reference_id

)

select * from own_records
union all by name
select * from foreign_records
