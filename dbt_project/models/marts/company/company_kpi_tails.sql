{{ config(alias='kpi_tails', materialized='view') }}

select * from {{ ref('kpi_tails') }}

where scope_type in ('company', 'team')
