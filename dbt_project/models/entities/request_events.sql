{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'event_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__request_events',
        key=['event_id'],
        columns=[
        'request_id',
        'to_status',
        'actor_id',
        'occurred_at',
        ],
        updated_at=none,
        link='request_id',
    )
}}
