-- Customers that only have to be known here, to be matched with the CRM's by their business
-- registration number: organisations, or the numbers that stand on tickets.
with cells as (
    select
        updated_at,
        unnest(from_json(custom_fields, '[{"id": "VARCHAR", "value": "JSON"}]')) as cell
    from tickets
    where custom_fields <> '[]'
),

numbers as (
    select trim(cells.cell.value ->> '$') as number, min(cells.updated_at) as updated_at
    from cells
    inner join setting on cells.cell.id = setting.registration_field
    group by trim(cells.cell.value ->> '$')
)

select
    organizations.id as customer_id,
    organizations.name,
    organizations.registration_no as business_registration_no,
    'prospect' as status,
    organizations.updated_at
from organizations
cross join setting
where setting.has_customers = 'true'
union all
select
    number as customer_id,
    null as name,
    number as business_registration_no,
    'prospect' as status,
    updated_at
from numbers
where number <> ''
