with

materials as (

    select * from {{ ref('materials') }} as materials

    where {{ exists_as_of('materials') }}

),

material_updates as (

    select * from {{ ref('material_updates') }} as material_updates

    where {{ exists_as_of('material_updates') }}

),

days as (

    select * from {{ source('control', 'days') }}

),

night as (

    select * from {{ source('control', 'night') }}

),

months as (

    select
        date_trunc('month', date)::date as month_date,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at

    from days

    group by date_trunc('month', date)

),

started_months as (

    select months.* from months inner join night on months.starts_at < night.as_of

),

material_months as (

    select
        materials.*,
        started_months.starts_at,
        started_months.ends_at,
        -- retired within the month: it counts only in nights up to that instant
        case when materials.retired_at < started_months.ends_at then materials.retired_at end
            as counts_until

    from materials
    inner join started_months
        on
            materials.created_at < started_months.starts_at
            and coalesce(materials.retired_at >= started_months.starts_at, true)

),

first_updates as (

    select
        material_months.source,
        material_months.material_id,
        material_months.starts_at,
        min(material_updates.updated_at) as first_updated_at,
        max(material_updates.load_seq) as load_seq

    from material_months
    inner join material_updates
        on
            material_months.source = material_updates.source
            and material_months.material_id = material_updates.material_id
            and material_updates.updated_at >= material_months.starts_at
            and material_updates.updated_at < material_months.ends_at

    group by material_months.source, material_months.material_id, material_months.starts_at

),

-- not updated until its first update of the month: one of two rows is visible at any as-of instant
states as (

    select
        material_months.*,
        0 as numerator,
        material_months.starts_at as visible_from,
        least(material_months.counts_until, first_updates.first_updated_at) as visible_until,
        material_months.load_seq as row_load_seq

    from material_months
    left join first_updates
        on
            material_months.source = first_updates.source
            and material_months.material_id = first_updates.material_id
            and material_months.starts_at = first_updates.starts_at

    union all

    select
        material_months.*,
        1 as numerator,
        first_updates.first_updated_at as visible_from,
        material_months.counts_until as visible_until,
        greatest(material_months.load_seq, first_updates.load_seq) as row_load_seq

    from material_months
    inner join first_updates
        on
            material_months.source = first_updates.source
            and material_months.material_id = first_updates.material_id
            and material_months.starts_at = first_updates.starts_at

),

final as (

    select
        'material_freshness' as kpi_id,
        'all' as part,
        'month_end' as aggregation,
        starts_at as occurred_at,
        visible_from,
        visible_until,
        numerator::double as numerator,
        1::double as denominator,
        source,
        owner_id as employee_ref,
        'materials' as entity,
        material_id as record_id,
        row_load_seq as load_seq

    from states

)

select * from final
