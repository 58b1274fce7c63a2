with

night as (

    select * from {{ source('control', 'night') }}

),

employee_references as (

    select * from {{ ref('employee_references') }}

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
    {{ person_of('owners', 'customers', 'owner_id') }} as owner_id,
    {{ person_of('stewards', 'customers', 'steward_id') }} as steward_id,
    customers.valid_from,
    customers.exists_until as valid_to

from customers
inner join night on customers.valid_from < night.as_of
{{ join_person('owners', 'customers', 'owner_id') }}
{{ join_person('stewards', 'customers', 'steward_id') }}

where
    not customers.is_tombstone
    and (customers.valid_from < customers.exists_until or customers.exists_until is null)
