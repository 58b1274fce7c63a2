with

verdicts as (

    select * from {{ ref('audit_verdicts') }}

),

estimates as (

    select * from {{ ref('audit_estimates') }}

),

found as (

    select
        estimates.kpi_id,
        estimates.sample_id,
        estimates.period_start,
        case when verdicts.passes_rules then 'unseen' else 'seen' end as kind,
        coalesce(verdicts.field, '-') as field,
        count(*) as record_count

    from verdicts
    inner join estimates on verdicts.sample_id = estimates.sample_id

    where not verdicts.is_accurate

    group by all

)

select * from found
