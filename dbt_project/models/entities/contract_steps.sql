{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'contract_id', 'step'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__contract_steps',
        key=['contract_id', 'step'],
        columns=[
        'assignee_id',
        'completed_at',
        'updated_at',
        ],
        updated_at='updated_at',
    )
}}
