-- The records that the worklist names as wrong are those that the KPI misses: for the company exactly.
with

listed as (

    select count(distinct (source, customer_id)) as wrong_count

    from {{ ref('customer_record_issues') }}

    where is_critical

)

select progress.wrong_count, listed.wrong_count as listed_count

from {{ ref('customer_record_progress') }} as progress
cross join listed

where progress.scope_type = 'company' and progress.wrong_count <> listed.wrong_count
