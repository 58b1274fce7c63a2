with

reports as (

    select * from {{ source('control', 'reports') }}

),

days as (

    select * from {{ source('control', 'days') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

report_deliveries as (

    select * from {{ ref('report_deliveries') }} as report_deliveries

    where {{ exists_as_of('report_deliveries') }}

),

next_open_days as (

    select
        date,
        starts_at,
        min(date) filter (where is_open) over (
            order by date rows between current row and unbounded following
        ) as due_date

    from days

),

-- every nominal weekday since the report began; a closed one falls due on the next open day
due_dates as (

    select
        reports.report_id,
        reports.owner_id,
        mondays.starts_at as week_starts_at,
        mondays.date as week_date,
        due_days.starts_at as due_starts_at,
        due_days.ends_at as due_ends_at

    from reports
    inner join next_open_days as nominal_days
        on
            reports.weekday = isodow(nominal_days.date)
            and reports.starts_on <= nominal_days.date
    inner join days as mondays on date_trunc('week', nominal_days.date)::date = mondays.date
    inner join days as due_days on nominal_days.due_date = due_days.date
    inner join night on nominal_days.starts_at < night.as_of

),

delivered as (

    select
        due_dates.report_id,
        due_dates.owner_id,
        due_dates.week_date,
        due_dates.due_starts_at,
        due_dates.due_ends_at,
        min_by(
            {
                'source': report_deliveries.source,
                'delivery_id': report_deliveries.delivery_id
            },
            (
                report_deliveries.delivered_at,
                report_deliveries.source,
                report_deliveries.delivery_id
            )
        ) as delivery,
        coalesce(max(report_deliveries.load_seq), 0) as load_seq

    from due_dates
    left join report_deliveries
        on
            due_dates.report_id = report_deliveries.report
            and report_deliveries.delivered_at >= due_dates.week_starts_at
            and report_deliveries.delivered_at < due_dates.due_ends_at

    group by
        due_dates.report_id,
        due_dates.owner_id,
        due_dates.week_date,
        due_dates.due_starts_at,
        due_dates.due_ends_at

),

final as (

    select
        'report_on_time' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        due_starts_at as occurred_at,
        -- decided once the due day has ended: its end is `<= as_of`
        due_ends_at - to_microseconds(1) as visible_from,
        null::timestamptz as visible_until,
        (delivery.delivery_id is not null)::int::double as numerator,
        1::double as denominator,
        coalesce(delivery.source, '') as source,
        '' as reference_source,  -- the owner stands in the configuration
        owner_id as employee_ref,
        report_id as kind,
        'report_deliveries' as entity,
        coalesce(delivery.delivery_id, report_id || ' ' || week_date::text) as record_id,
        load_seq

    from delivered

)

select * from final
