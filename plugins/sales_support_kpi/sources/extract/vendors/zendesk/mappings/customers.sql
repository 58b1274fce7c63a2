-- Organisations as customers: they are matched with the CRM's by business registration number.
-- The CRM says what kind of customer each is; here it only has to be known.
select
    id as customer_id,
    name,
    registration_no as business_registration_no,
    'prospect' as status,
    updated_at
from organizations
