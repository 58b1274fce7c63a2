{# Rows with `team` and `employee_id`, once for each scope that they count in. #}
{% macro in_each_scope(rows) -%}
    select *, 'company' as scope_type, 'company' as scope_id from {{ rows }}
    union all
    select *, 'team' as scope_type, team as scope_id from {{ rows }} where team is not null
    union all
    select *, 'employee' as scope_type, employee_id as scope_id
    from {{ rows }} where employee_id is not null
{%- endmacro %}

{# Do two relations speak of one cell: the same KPI, period and scope? #}
{% macro is_same_cell(left, right) -%}
    {% for column in ['kpi_id', 'grain', 'period_start', 'scope_type', 'scope_id'] -%}
        {{ 'and ' if not loop.first }}{{ left }}.{{ column }} = {{ right }}.{{ column }}
    {% endfor %}
{%- endmacro %}
