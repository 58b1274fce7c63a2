{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'meeting_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__meetings',
        key=['meeting_id'],
        columns=[
        'kind',
        'team',
        'held_at',
        ],
        updated_at=none,
    )
}}
