with

unmatched as (

    select * from {{ ref('unmatched') }}

)

select
    entity,
    reason,
    source,
    count(*) as id_count,
    sum(row_count)::bigint as row_count

from unmatched

group by entity, reason, source
