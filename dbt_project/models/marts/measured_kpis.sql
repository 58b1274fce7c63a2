with

kpis as (

    select * from {{ source('control', 'kpis') }}

),

kpi_entities as (

    select * from {{ source('control', 'kpi_entities') }}

),

landed_entities as (

    select * from {{ source('control', 'landed_entities') }}

),

fed_entities as (

    select * from {{ source('control', 'fed_entities') }}

),

sources as (

    select * from {{ source('control', 'sources') }}

),

missing as (

    select
        kpi_entities.kpi_id,
        string_agg(kpi_entities.entity, ', ' order by kpi_entities.entity) as missing_entities

    from kpi_entities

    where
        kpi_entities.is_required
        and kpi_entities.entity not in (select landed_entities.entity from landed_entities)

    group by kpi_entities.kpi_id

),

stale as (

    select distinct kpi_entities.kpi_id

    from kpi_entities
    inner join fed_entities on kpi_entities.entity = fed_entities.entity
    inner join sources on fed_entities.source = sources.source

    where sources.is_stale

),

final as (

    select
        kpis.*,
        missing.missing_entities is null as is_measured,
        missing.missing_entities,
        stale.kpi_id is not null as is_stale

    from kpis
    left join missing on kpis.kpi_id = missing.kpi_id
    left join stale on kpis.kpi_id = stale.kpi_id

)

select * from final
