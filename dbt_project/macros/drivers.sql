{# What a difference can be split over: the columns of the measure rows, by the name of their
   dimension. A value that is missing is a group of its own. #}
{% macro driver_dimensions() -%}
    {{
        return({
            'employee': 'employee_id',
            'team': 'team',
            'kind': 'kind',
            'channel': 'channel',
            'priority': 'priority',
            'segment': 'segment',
            'part': 'part',
        })
    }}
{%- endmacro %}

{# The value of whichever dimension a row stands for. #}
{% macro dimension_value(relation) -%}
    case {{ relation }}.dimension
        {%- for dimension, column in driver_dimensions().items() %}
        when '{{ dimension }}' then {{ relation }}.{{ column }}
        {%- endfor %}
    end
{%- endmacro %}
