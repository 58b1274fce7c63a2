select
    -- ids
    _source as source,
    response_id,

    -- strings
    survey,
    request_id,
    respondent_id,
    comment,

    -- numbers
    score,
    scale_min,
    scale_max,

    -- instants
    submitted_at,
    deleted_at,

    -- landing
    _file as file_name,
    _sheet as sheet_name,
    _row as row_number,
    _landed_at as landed_at,
    _op = 'delete' as is_tombstone,
    _effective_at as effective_at,
    _load_seq as load_seq

from {{ source('landing', 'survey_responses') }}
