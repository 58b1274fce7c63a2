with

loads as (

    select * from {{ source('control', 'loads') }}

)

select
    source,
    entity,
    load_seq,
    night,
    rows_read,
    rows_landed,
    rows_quarantined,
    rows_unchanged,
    rows_superseded,
    tombstones,
    silent_changes

from loads
