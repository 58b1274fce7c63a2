{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'delivery_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__report_deliveries',
        key=['delivery_id'],
        columns=[
        'report',
        'author_id',
        'delivered_at',
        ],
        updated_at=none,
    )
}}
