with

days as (

    select * from {{ source('control', 'days') }}

),

periods as (

    select min(period_start) as first_date from {{ ref('periods') }}

),

night as (

    select * from {{ source('control', 'night') }}

)

select
    days.date,
    date_trunc('week', days.date)::date as week_start,
    date_trunc('month', days.date)::date as month_start,
    date_trunc('quarter', days.date)::date as quarter_start,
    date_trunc('year', days.date)::date as year_start,
    isodow(days.date)::int as iso_weekday,
    days.is_open,
    days.holiday_name

from days
cross join periods
cross join night

where days.date between periods.first_date and night.night
