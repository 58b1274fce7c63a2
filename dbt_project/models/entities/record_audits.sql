{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'audit_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__record_audits',
        key=['audit_id'],
        columns=[
        'customer_id',
        'is_accurate',
        'field',
        'auditor_id',
        'note',
        'audited_at',
        ],
        updated_at=none,
    )
}}
