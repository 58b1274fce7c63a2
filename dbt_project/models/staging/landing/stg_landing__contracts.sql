select
    -- ids
    _source as source,
    contract_id,

    -- strings
    opportunity_id,
    customer_id,
    owner_id,
    support_owner_id,
    currency,
    status,

    -- numbers
    amount,

    -- instants
    signed_at,
    updated_at,
    deleted_at,

    -- landing
    _file as file_name,
    _sheet as sheet_name,
    _row as row_number,
    _landed_at as landed_at,
    _op = 'delete' as is_tombstone,
    _effective_at as effective_at,
    _load_seq as load_seq

from {{ source('landing', 'contracts') }}
