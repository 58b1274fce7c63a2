with

customers as (

    select
        source,
        customer_id,
        valid_from,
        lower(email) as email,
        {{ bare_number('business_registration_no') }} as business_number

    from {{ ref('int_current_customers') }}

    where
        coalesce(email, '') <> ''
        and {{ rule_business_registration_no('business_registration_no', 'country') }}

    -- a number that several records of a system have does not say which of them it is
    qualify count(*) over (partition by source, business_number) = 1

),

-- across systems a customer is known by the registration number
conflicts as (

    select
        customers.source,
        customers.customer_id,
        others.source as other_source,
        others.customer_id as other_customer_id,
        greatest(customers.valid_from, others.valid_from) as from_at,
        null::timestamptz as until_at

    from customers
    inner join customers as others
        on
            customers.business_number = others.business_number
            and customers.source <> others.source
            and customers.email <> others.email

)

select * from conflicts
