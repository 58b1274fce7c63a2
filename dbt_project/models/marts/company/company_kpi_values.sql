{{ config(alias='kpi_values', materialized='view') }}

select * from {{ ref('kpi_values') }}

where scope_type in ('company', 'team')
