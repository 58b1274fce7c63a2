{# The control row of the night, as scalar subqueries: models never call the clock. #}
{% macro as_of() -%}
    (select night.as_of from {{ source('control', 'night') }} as night)
{%- endmacro %}

{# What the last completed build had seen: everything after it is new to an incremental model.
   After a killed build both stay where they were, so the next one reads the same again. #}
{% macro previous_load_seq() -%}
    (select night.previous_load_seq from {{ source('control', 'night') }} as night)
{%- endmacro %}

{% macro previous_as_of() -%}
    (select night.previous_as_of from {{ source('control', 'night') }} as night)
{%- endmacro %}

{# The day in the company's zone that holds an instant. #}
{% macro local_date(instant) -%}
    cast(timezone((select night.timezone from {{ source('control', 'night') }} as night), {{ instant }}) as date)
{%- endmacro %}

{# A number from the catalog entry of a KPI, as in config/kpis.yml. #}
{% macro kpi_param(kpi_id, name) -%}
    (
        select params.value
        from {{ source('control', 'kpi_params') }} as params
        where params.kpi_id = '{{ kpi_id }}' and params.name = '{{ name }}'
    )
{%- endmacro %}

{# Elapsed hours (calendar, also across a change of clocks) after an instant. #}
{% macro hours_after(instant, hours) -%}
    ({{ instant }} + to_microseconds(cast(round({{ hours }} * 3600000000) as bigint)))
{%- endmacro %}
