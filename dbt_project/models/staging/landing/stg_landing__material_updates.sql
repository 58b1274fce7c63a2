select
    -- ids
    _source as source,
    update_id,

    -- strings
    material_id,
    author_id,

    -- instants
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

from {{ source('landing', 'material_updates') }}
