{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['source', 'response_id'],
        on_schema_change='fail',
    )
}}

{{
    winning_rows(
        staging='stg_landing__survey_responses',
        key=['response_id'],
        columns=[
        'survey',
        'request_id',
        'respondent_id',
        'score',
        'scale_min',
        'scale_max',
        'comment',
        'submitted_at',
        ],
        updated_at=none,
    )
}}
