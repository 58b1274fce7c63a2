with

kpi_targets as (

    select * from {{ source('control', 'kpi_targets') }}

)

select
    kpi_id,
    valid_from,
    scope_type,
    scope_id,
    grain,
    value::double as value,
    basis

from kpi_targets
