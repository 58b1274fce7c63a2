{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'customer_id'],
        on_schema_change='fail',
    )
}}

{{
    version_rows(
        staging='stg_landing__customers',
        key='customer_id',
        columns=[
        'name',
        'business_registration_no',
        'country',
        'contact_name',
        'email',
        'phone',
        'postal_code',
        'address',
        'segment',
        'owner_id',
        'steward_id',
        'status',
        'created_at',
        'updated_at',
        ],
        stated_start='coalesce(updated_at, created_at)',
    )
}}
