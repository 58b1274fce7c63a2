with

goals as (

    select * from {{ source('control', 'goals') }}

),

kpi_goals as (

    select * from {{ source('control', 'kpi_goals') }}

),

kpi_catalog as (

    select * from {{ ref('kpi_catalog') }}

),

final as (

    select
        'goal' as node_type,
        goals.goal_id as node_id,
        goals.level,
        goals.name_ko,
        goals.name_en,
        goals.serves

    from goals

    union all

    select
        'kpi' as node_type,
        kpi_catalog.kpi_id as node_id,
        'kpi' as level,
        kpi_catalog.name_ko,
        kpi_catalog.name_en,
        kpi_goals.goal_id as serves

    from kpi_catalog
    left join kpi_goals on kpi_catalog.kpi_id = kpi_goals.kpi_id

)

select * from final
