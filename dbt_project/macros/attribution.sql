{#
    Whom the employee references of the CTE `relation` mean: the CTE `referred`, which adds the
    record that describes the person (`employee_source`, `employee_record_id`) and `person_id`.
    It needs `employee_ref` and the system that says it, `source` unless told otherwise.
#}
{% macro referred(relation, reference_source=none) -%}
referred as (

    select
        {{ relation }}.*,
        employee_references.source as employee_source,
        employee_references.employee_id as employee_record_id,
        employee_references.person_id

    from {{ relation }}
    left join {{ ref('employee_references') }} as employee_references
        on
            {{ reference_source or relation ~ '.source' }} = employee_references.reference_source
            and {{ relation }}.employee_ref = employee_references.reference_id

)
{%- endmacro %}

{#
    Who a person was at the instant `attributed_at`: CTEs, the last of them `attributed`, which adds
    `employee_id`, `team` and `role` to the rows of the CTE `relation`. It needs what `referred`
    adds. Nobody who was unknown or deleted then is meant.
#}
{% macro attributed_people(relation) -%}
visible_history as (

    select employee_history.*

    from {{ ref('employee_history') }} as employee_history
    inner join {{ source('control', 'night') }} as night
        on employee_history.valid_from < night.as_of

),

described as (

    select
        {{ relation }}.*,
        visible_history.team,
        visible_history.role,
        visible_history.covers_from is not null
        and (
            {{ relation }}.attributed_at < visible_history.exists_until
            or visible_history.exists_until is null
        ) as is_known

    from {{ relation }}
    asof left join visible_history
        on
            {{ relation }}.employee_source = visible_history.source
            and {{ relation }}.employee_record_id = visible_history.employee_id
            and {{ relation }}.attributed_at >= visible_history.covers_from

),

attributed as (

    select
        * exclude (team, role, is_known),
        case when is_known then person_id end as employee_id,
        case when is_known then team end as team,
        case when is_known then role end as role

    from described

)
{%- endmacro %}

{# Whom the references of a CTE meant at the instant `attributed_at`; see the two above. #}
{% macro attributed(relation, reference_source=none) -%}
{{ referred(relation, reference_source) }},

{{ attributed_people('referred') }}
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
