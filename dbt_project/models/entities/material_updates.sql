{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'update_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__material_updates',
        key=['update_id'],
        columns=[
        'material_id',
        'author_id',
        'updated_at',
        ],
        updated_at='updated_at',
    )
}}
