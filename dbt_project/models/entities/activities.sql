{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'activity_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__activities',
        key=['activity_id'],
        columns=[
        'owner_id',
        'customer_id',
        'opportunity_id',
        'type',
        'occurred_at',
        'recorded_at',
        ],
        updated_at=none,
    )
}}
