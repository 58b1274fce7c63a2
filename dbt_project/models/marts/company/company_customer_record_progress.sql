{{ config(alias='customer_record_progress', materialized='view') }}

select * from {{ ref('customer_record_progress') }}

where scope_type in ('company', 'team')
