select
    -- ids
    _source as source,
    opportunity_id,

    -- strings
    customer_id,
    owner_id,
    stage,
    currency,
    next_step,

    -- numbers
    amount,

    -- booleans
    is_closed,
    is_won,

    -- dates
    close_date,

    -- instants
    created_at,
    closed_at,
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

from {{ source('landing', 'opportunities') }}
