with

rejected as (

    select * from {{ ref('rejected') }}

)

select
    kpi_id,
    reason,
    source,
    entity,
    count(*) as row_count

from rejected

group by kpi_id, reason, source, entity
