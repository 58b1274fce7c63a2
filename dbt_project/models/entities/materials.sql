{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'material_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__materials',
        key=['material_id'],
        columns=[
        'title',
        'owner_id',
        'created_at',
        'retired_at',
        ],
        updated_at=none,
    )
}}
