with

night as (

    select * from {{ source('control', 'night') }}

),

verdicts as (

    select * from {{ ref('audit_verdicts') }}

),

samples as (

    select * from {{ source('control', 'audit_samples') }}

),

month_values as (

    select * from {{ ref('kpi_values') }}

    where
        kpi_id = 'customer_record_accuracy' and grain = 'month' and scope_type = 'company'

),

-- audits that nobody drew: one stratum, the records of their month
simple as (

    select
        verdicts.sample_id,
        'all' as stratum,
        cast(
            date_trunc('month', timezone(night.timezone, min(verdicts.audited_at))) as date
        ) as month_start

    from verdicts
    cross join night

    where not verdicts.is_drawn

    group by verdicts.sample_id, night.timezone

),

strata as (

    select sample_id, stratum, month_start, 'stratified' as method, population, drawn
    from samples

    union all

    select
        simple.sample_id,
        simple.stratum,
        simple.month_start,
        'simple' as method,
        cast(month_values.denominator as bigint) as population,
        null as drawn
    from simple
    inner join month_values
        on simple.month_start = month_values.period_start and month_values.denominator > 0

),

counted as (

    select
        strata.sample_id,
        strata.stratum,
        strata.month_start,
        strata.method,
        strata.population,
        strata.drawn,
        count(verdicts.audit_id) as judged,
        count(*) filter (where verdicts.is_accurate) as accurate,
        count(*) filter (where verdicts.passes_rules) as passing,
        count(*) filter (where verdicts.passes_rules and not verdicts.is_accurate) as unseen,
        count(*) filter (where not verdicts.passes_rules and verdicts.is_accurate) as overstrict

    from strata
    left join verdicts
        on strata.sample_id = verdicts.sample_id and strata.stratum = verdicts.stratum

    group by all

),

-- Cochran, Sampling Techniques (1977), chapter 5: strata weigh as their population does; one that
-- nobody has looked at yet leaves its weight to the others
weighted as (

    select
        *,
        population / sum(population) over (partition by sample_id) as weight,
        accurate / judged as share,
        passing / judged as passing_share,
        unseen / judged as unseen_share,
        overstrict / judged as overstrict_share,
        1 - least(judged / population, 1) as unsampled

    from counted

    where judged > 0

),

totals as (

    select
        sample_id,
        sum(population) as population,
        sum(drawn) as drawn

    from counted

    group by sample_id

),

pooled as (

    select
        sample_id,
        month_start,
        method,
        sum(judged) as judged_count,
        sum(accurate) as accurate_count,
        sum(weight * share) as estimate,
        sum(weight * passing_share) as rule_estimate,
        sum(weight * unseen_share) as unseen_share,
        sum(weight * overstrict_share) as overstrict_share,
        sum(population) as covered

    from weighted

    group by sample_id, month_start, method

),

spread as (

    select
        weighted.sample_id,
        sum(
            weighted.weight * weighted.weight * weighted.unsampled
            * case
                when weighted.judged > 1
                    then weighted.share * (1 - weighted.share) / (weighted.judged - 1)
                else pooled.estimate * (1 - pooled.estimate)
            end
        ) as variance

    from weighted
    inner join pooled on weighted.sample_id = pooled.sample_id

    group by weighted.sample_id

),

-- Wilson's interval with the size of a simple sample that would be as sure (Korn & Graubard 1998;
-- Franco et al. 2019): a share near 1 has no symmetric interval. Never surer than a simple sample.
sized as (

    select
        pooled.*,
        least(
            case
                when spread.variance > 0
                    then pooled.estimate * (1 - pooled.estimate) / spread.variance
            end,
            pooled.judged_count / (1 - least(pooled.judged_count / pooled.covered, 1))
        ) as effective_size

    from pooled
    inner join spread on pooled.sample_id = spread.sample_id

),

final as (

    select
        'customer_record_accuracy' as kpi_id,
        sized.sample_id,
        sized.month_start as period_start,
        sized.method,
        cast(totals.population as bigint) as population,
        cast(totals.drawn as bigint) as drawn_count,
        sized.judged_count,
        sized.accurate_count,
        sized.estimate,
        case
            when isinf(sized.effective_size) then sized.estimate
            else {{ wilson_bound('sized.estimate', 'sized.effective_size', '-') }}
        end as ci_low,
        case
            when isinf(sized.effective_size) then sized.estimate
            else {{ wilson_bound('sized.estimate', 'sized.effective_size', '+') }}
        end as ci_high,
        sized.rule_estimate,
        sized.unseen_share,
        sized.overstrict_share,
        month_values.value as kpi_value

    from sized
    inner join totals on sized.sample_id = totals.sample_id
    left join month_values on sized.month_start = month_values.period_start

)

select
    kpi_id,
    sample_id,
    period_start,
    method,
    population,
    drawn_count,
    cast(judged_count as bigint) as judged_count,
    cast(accurate_count as bigint) as accurate_count,
    estimate,
    greatest(ci_low, 0) as ci_low,
    least(ci_high, 1) as ci_high,
    rule_estimate,
    unseen_share,
    overstrict_share,
    kpi_value

from final
