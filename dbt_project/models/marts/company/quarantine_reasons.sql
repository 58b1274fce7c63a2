with

quarantined as (

    select * from {{ source('control', 'quarantined') }}

),

loads as (

    select * from {{ source('control', 'loads') }}

)

select
    loads.source,
    loads.entity,
    quarantined.load_seq,
    loads.night,
    quarantined.reason,
    coalesce(quarantined.column_name, '') as column_name,
    quarantined.row_count,
    loads.rows_read

from quarantined
inner join loads on quarantined.load_seq = loads.load_seq
