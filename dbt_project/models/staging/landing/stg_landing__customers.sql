select
    -- ids
    _source as source,
    customer_id,

    -- strings
    name,
    business_registration_no,
    country,
    contact_name,
    email,
    phone,
    postal_code,
    address,
    segment,
    owner_id,
    steward_id,
    status,

    -- instants
    created_at,
    updated_at,
    deleted_at,

    -- landing
    _file as file_name,
    _sheet as sheet_name,
    _row as row_number,
    _landed_at as landed_at,
    version_no,
    _op = 'delete' as is_tombstone,
    _effective_at as effective_at,
    _load_seq as load_seq

from {{ source('landing', 'customers') }}
