{{ config(alias='kpi_targets', materialized='view') }}

select * from {{ ref('kpi_targets') }}

where scope_type <> 'employee'
