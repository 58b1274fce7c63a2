{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'contract_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__contracts',
        key=['contract_id'],
        columns=[
        'opportunity_id',
        'customer_id',
        'owner_id',
        'support_owner_id',
        'amount',
        'currency',
        'status',
        'signed_at',
        'updated_at',
        ],
        updated_at='updated_at',
    )
}}
