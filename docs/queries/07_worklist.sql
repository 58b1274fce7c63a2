-- Which customer records are wrong, whose are they, what first? · 고칠 고객 정보
-- File: kpi_people.duckdb. One line per record; it counts as right again when all its rules pass.
select
    coalesce(issues.steward_id, '(nobody)') as steward_id,
    min(issues.place) as place,
    issues.source,
    issues.customer_id,
    string_agg(issues.rule, ', ' order by issues.place) as rules,
    string_agg(rules.todo_ko, ' / ' order by issues.place) as todo_ko,
    string_agg(rules.todo_en, ' / ' order by issues.place) as todo_en,
    max(issues.fix_count) as fix_count,
    min(issues.since) as wrong_since

from customer_record_issues as issues
inner join record_rules as rules on issues.rule = rules.rule

where issues.is_critical

group by issues.steward_id, issues.source, issues.customer_id

order by steward_id, place
