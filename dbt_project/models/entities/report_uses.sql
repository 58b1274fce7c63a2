{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'meeting_id', 'report'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__report_uses',
        key=['meeting_id', 'report'],
        columns=[
        'used',
        ],
        updated_at=none,
    )
}}
