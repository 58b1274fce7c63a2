with

night as (

    select * from {{ source('control', 'night') }}

),

customers as (

    select * from {{ ref('customers') }}

)

select
    customers.source,
    customers.customer_id,
    customers.segment,
    customers.status,
    coalesce(nullif(customers.country, ''), 'KR') as country,
    customers.owner_id,
    customers.steward_id,
    customers.valid_from,
    customers.exists_until as valid_to

from customers
inner join night on customers.valid_from < night.as_of

where
    not customers.is_tombstone
    and (customers.valid_from < customers.exists_until or customers.exists_until is null)
