{{ config(alias='kpi_drivers', materialized='view') }}

select * from {{ ref('kpi_drivers') }}

where scope_type in ('company', 'team') and dimension <> 'employee'
