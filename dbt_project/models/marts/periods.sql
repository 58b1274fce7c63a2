with

night as (

    select
        *,
        {{ local_date('as_of - to_microseconds(1)') }} as last_date

    from {{ source('control', 'night') }}

),

visible_rows as (

    select min(occurred_date) as first_date from {{ ref('visible_rows') }}

),

days as (

    select days.*

    from {{ source('control', 'days') }} as days
    cross join night
    cross join visible_rows

    where
        days.date >= date_trunc('year', coalesce(visible_rows.first_date, night.last_date))
        and days.date < date_trunc('year', night.last_date) + interval 53 week

),

grains as (

    select unnest(['day', 'week', 'month', 'quarter', 'year']) as grain

),

bounded as (

    select
        grains.grain,
        date_trunc(grains.grain, days.date)::date as period_start,
        case grains.grain
            when 'day' then days.date
            when 'week' then (date_trunc('week', days.date) + interval 6 day)::date
            when 'month'
                then (date_trunc('month', days.date) + interval 1 month - interval 1 day)::date
            when 'quarter'
                then (date_trunc('quarter', days.date) + interval 3 month - interval 1 day)::date
            else (date_trunc('year', days.date) + interval 1 year - interval 1 day)::date
        end as period_end

    from days
    cross join grains

    group by all

),

final as (

    select
        bounded.grain,
        bounded.period_start,
        bounded.period_end,
        first_days.starts_at,
        last_days.ends_at,
        least(last_days.ends_at, night.as_of) as evaluated_at,
        least(bounded.period_end, night.last_date) as last_date,
        last_days.ends_at <= night.as_of as is_complete,
        night.last_date <= bounded.period_end as is_current

    from bounded
    cross join night
    inner join {{ source('control', 'days') }} as first_days
        on bounded.period_start = first_days.date
    inner join {{ source('control', 'days') }} as last_days
        on bounded.period_end = last_days.date

    where
        bounded.period_start <= night.last_date
        and (bounded.grain <> 'day' or bounded.period_start > night.last_date - 92)

)

select * from final
