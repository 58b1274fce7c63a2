select
    -- ids
    _source as source,
    employee_id,

    -- strings
    name,
    email,
    team,
    role,
    manager_id,
    onboarding_owner_id,

    -- dates
    hired_on,
    left_on,

    -- instants
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

from {{ source('landing', 'employees') }}
