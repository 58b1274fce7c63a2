{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'employee_id'],
        on_schema_change='fail',
    )
}}

{{
    version_rows(
        staging='stg_landing__employees',
        key='employee_id',
        columns=[
        'name',
        'email',
        'team',
        'role',
        'manager_id',
        'onboarding_owner_id',
        'hired_on',
        'left_on',
        'updated_at',
        ],
        stated_start='updated_at',
    )
}}
