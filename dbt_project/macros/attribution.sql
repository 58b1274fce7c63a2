{#
    Who an employee reference meant at an instant: three CTEs, the last of them `attributed`, which
    adds `employee_id` and `team` to the rows of the CTE `relation`. It needs `source`,
    `employee_ref`, `attributed_at`. Nobody who was unknown or deleted then is meant.
#}
{% macro attributed(relation) -%}
visible_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join {{ source('control', 'night') }} as night
        on employee_history.valid_from < night.as_of

),

referred as (

    select
        {{ relation }}.*,
        employee_references.source as employee_source,
        employee_references.employee_id as employee_record_id,
        employee_references.person_id

    from {{ relation }}
    left join {{ ref('employee_references') }} as employee_references
        on
            {{ relation }}.source = employee_references.reference_source
            and {{ relation }}.employee_ref = employee_references.reference_id

),

attributed as (

    select
        referred.* exclude (employee_source, employee_record_id, person_id),
        case
            when
                referred.attributed_at < visible_history.exists_until
                or visible_history.exists_until is null
                then case when visible_history.covers_from is not null then referred.person_id end
        end as employee_id,
        case
            when
                referred.attributed_at < visible_history.exists_until
                or visible_history.exists_until is null
                then visible_history.team
        end as team

    from referred
    asof left join visible_history
        on
            referred.employee_source = visible_history.source
            and referred.employee_record_id = visible_history.employee_id
            and referred.attributed_at >= visible_history.covers_from

)
{%- endmacro %}

{#
    Whom a reference of a mart means: the person as in `dim_employees`. One that means nobody known
    keeps its system's name before it, so that it is never taken for somebody else's id.
#}
{% macro person_of(references, relation, column) -%}
    coalesce(
        {{ references }}.person_id,
        {{ relation }}.source || ':' || nullif({{ relation }}.{{ column }}, '')
    )
{%- endmacro %}

{% macro join_person(references, relation, column) -%}
    left join employee_references as {{ references }}
        on
            {{ relation }}.source = {{ references }}.reference_source
            and {{ relation }}.{{ column }} = {{ references }}.reference_id
{%- endmacro %}
