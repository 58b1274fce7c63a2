with

sources as (

    select * from {{ source('control', 'sources') }}

)

select
    source,
    freshness_hours::double as freshness_hours,
    last_landed_at,
    last_outcome,
    is_stale

from sources
