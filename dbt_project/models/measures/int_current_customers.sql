{{ config(materialized='view') }}

with

night as (

    select * from {{ source('control', 'night') }}

),

customers as (

    select * from {{ ref('customers') }}

)

select customers.*

from customers
inner join night
    on
        customers.valid_from < night.as_of
        and (customers.exists_until >= night.as_of or customers.exists_until is null)

where customers.status = 'active' and not customers.is_tombstone
