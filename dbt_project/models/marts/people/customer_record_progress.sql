with

night as (

    select * from {{ source('control', 'night') }}

),

-- the current month, as the KPI has it
current_cells as (

    select kpi_values.*

    from {{ ref('kpi_values') }} as kpi_values
    cross join night

    where
        kpi_values.kpi_id = 'customer_record_accuracy'
        and kpi_values.grain = 'month'
        and kpi_values.period_start = cast(
            date_trunc(
                'month', timezone(night.timezone, night.as_of - interval 1 microsecond)
            ) as date
        )

),

repairs as (

    select * from {{ ref('record_repairs') }}

),

scoped as (

    select
        source,
        customer_id,
        fix_count,
        partner_id,
        'company' as scope_type,
        'company' as scope_id,
        partner_id is not null as has_partner
    from repairs

    union all

    select
        source,
        customer_id,
        fix_count,
        partner_id,
        'team' as scope_type,
        team as scope_id,
        coalesce(team = partner_team, false) as has_partner
    from repairs

    union all

    select
        source,
        customer_id,
        fix_count,
        partner_id,
        'employee' as scope_type,
        employee_id as scope_id,
        coalesce(employee_id = partner_employee_id, false) as has_partner
    from repairs

),

-- of two records that one fix makes right the first one costs it, the second one comes with it
priced as (

    select
        scope_type,
        scope_id,
        source,
        customer_id,
        case
            when has_partner and customer_id > partner_id then 0
            else fix_count
        end as cost,
        case when not has_partner then 1 when customer_id < partner_id then 2 else 0 end as gain

    from scoped

    where scope_id is not null

),

worked as (

    select
        scope_type,
        scope_id,
        sum(cost) over working as fixes_so_far,
        sum(gain) over working as right_so_far

    from priced

    where gain > 0

    window working as (
        partition by scope_type, scope_id
        order by gain / cost desc, cost asc, source asc, customer_id asc
        rows between unbounded preceding and current row
    )

),

wanted as (

    select
        *,
        greatest(ceil(target * denominator - numerator - 1e-9), 0) as records_needed

    from current_cells

    where denominator > 0

),

reached as (

    select
        wanted.scope_type,
        wanted.scope_id,
        min(worked.fixes_so_far) as fixes_needed

    from wanted
    inner join worked
        on
            wanted.scope_type = worked.scope_type
            and wanted.scope_id = worked.scope_id
            and wanted.records_needed <= worked.right_so_far

    group by wanted.scope_type, wanted.scope_id

),

final as (

    select
        wanted.kpi_id,
        wanted.scope_type,
        wanted.scope_id,
        wanted.as_of,
        cast(wanted.denominator as bigint) as record_count,
        cast(wanted.denominator - wanted.numerator as bigint) as wrong_count,
        wanted.value,
        wanted.target,
        cast(wanted.records_needed as bigint) as records_needed,
        cast(
            case when wanted.records_needed = 0 then 0 else reached.fixes_needed end as bigint
        ) as fixes_needed

    from wanted
    left join reached
        on wanted.scope_type = reached.scope_type and wanted.scope_id = reached.scope_id

)

select * from final
