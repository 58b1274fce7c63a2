with

reports as (

    select * from {{ source('control', 'reports') }}

),

meetings as (

    select * from {{ ref('meetings') }} as meetings

    where kind = 'weekly_sales' and {{ exists_as_of('meetings') }}

),

report_uses as (

    select * from {{ ref('report_uses') }} as report_uses

    where {{ exists_as_of('report_uses') }}

),

final as (

    select
        'report_usage' as kpi_id,
        'all' as part,
        'flow' as aggregation,
        meetings.held_at as occurred_at,
        meetings.held_at as visible_from,
        null::timestamptz as visible_until,
        coalesce(report_uses.used, false)::int::double as numerator,
        1::double as denominator,
        meetings.source,
        '' as reference_source,  -- the owner stands in the configuration
        reports.owner_id as employee_ref,
        reports.report_id as kind,
        'meetings' as entity,
        meetings.meeting_id as record_id,
        greatest(meetings.load_seq, coalesce(report_uses.load_seq, 0)) as load_seq

    from meetings
    inner join reports on {{ local_date('meetings.held_at') }} >= reports.starts_on
    left join report_uses
        on
            meetings.source = report_uses.source
            and meetings.meeting_id = report_uses.meeting_id
            and reports.report_id = report_uses.report

)

select * from final
