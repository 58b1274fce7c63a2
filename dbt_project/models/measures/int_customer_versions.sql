with

customers as (

    select * from {{ ref('customers') }}

),

-- the population: active and existing, version by version
active as (

    select
        source,
        customer_id,
        valid_from,
        exists_until,
        owner_id,
        steward_id,
        {{ bare_number('business_registration_no') }} as business_number,
        {% for rule, expression in record_rules().items() -%}
        {{ expression }} as passes_{{ rule }},
        {% endfor -%}
        load_seq

    from customers

    where
        status = 'active'
        and not is_tombstone
        and (valid_from < exists_until or exists_until is null)

)

select * from active
