{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'insight_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__insights',
        key=['insight_id'],
        columns=[
        'author_id',
        'title',
        'accepted',
        'provided_at',
        ],
        updated_at=none,
    )
}}
