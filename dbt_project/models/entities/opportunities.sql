{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'opportunity_id'],
        on_schema_change='fail',
    )
}}

{{
    version_rows(
        staging='stg_landing__opportunities',
        key='opportunity_id',
        columns=[
        'customer_id',
        'owner_id',
        'stage',
        'amount',
        'currency',
        'close_date',
        'next_step',
        'is_closed',
        'is_won',
        'created_at',
        'closed_at',
        'updated_at',
        ],
        stated_start='coalesce(updated_at, created_at)',
    )
}}
