{{ config(materialized='view') }}

with

visible_rows as (

    select * from {{ ref('visible_rows') }}

),

redescribed as (

    select * from {{ ref('kpi_driver_redescribed') }}

),

stock_moves as (

    select * from {{ ref('kpi_driver_stock_moves') }}

),

steady as (

    select
        visible_rows.kpi_id,
        visible_rows.part,
        visible_rows.employee_source,
        visible_rows.employee_record_id,
        visible_rows.person_id,
        visible_rows.occurred_date,
        visible_rows.kind,
        visible_rows.channel,
        visible_rows.priority,
        visible_rows.segment,
        visible_rows.numerator,
        visible_rows.denominator

    from visible_rows
    anti join redescribed
        on
            visible_rows.kpi_id = redescribed.kpi_id
            and visible_rows.source = redescribed.source
            and visible_rows.entity = redescribed.entity
            and visible_rows.record_id = redescribed.record_id

    where visible_rows.aggregation = 'stock'

),

final as (

    select * from steady
    union all by name
    select * from stock_moves

)

select * from final
