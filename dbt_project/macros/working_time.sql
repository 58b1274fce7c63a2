{#
    Working time by running totals: position(t) is how much of a clock has run from the calendar's
    start until t; the time between two instants is the difference of two positions. One as-of join
    per instant, whatever the length of the interval.
#}
{% macro clock_position(interval, instant) -%}
    coalesce(
        {{ interval }}.microseconds_before
        + epoch_us(least({{ instant }}, {{ interval }}.ends_at))
        - epoch_us({{ interval }}.starts_at),
        0
    )
{%- endmacro %}

{% macro clock_of(kpi_id) -%}
    (select kpis.clock from {{ source('control', 'kpis') }} as kpis where kpis.kpi_id = '{{ kpi_id }}')
{%- endmacro %}

{% macro hours(microseconds) -%}
    ({{ microseconds }} / 3600000000.0)::double
{%- endmacro %}

{# The hours that a KPI's own clock ran for a request: while its status runs, or since it began. #}
{% macro clock_hours(kpi_id, span) -%}
    case
        when {{ clock_of(kpi_id) }} = 'business' then {{ hours('business_' ~ span ~ '_microseconds') }}
        else {{ hours('calendar_' ~ span ~ '_microseconds') }}
    end
{%- endmacro %}
