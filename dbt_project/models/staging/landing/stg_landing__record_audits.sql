select
    -- ids
    _source as source,
    audit_id,

    -- strings
    customer_id,
    field,
    auditor_id,
    note,

    -- booleans
    is_accurate,

    -- instants
    audited_at,
    deleted_at,

    -- landing
    _file as file_name,
    _sheet as sheet_name,
    _row as row_number,
    _landed_at as landed_at,
    _op = 'delete' as is_tombstone,
    _effective_at as effective_at,
    _load_seq as load_seq

from {{ source('landing', 'record_audits') }}
