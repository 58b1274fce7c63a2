{#
    The individuals chart (XmR): 2.66 = 3 / d₂ and 3.268 = D₄ for moving ranges of two points.
    Shewhart (1931), "Economic control of quality of manufactured product"; Wheeler and Chambers
    (1992), "Understanding statistical process control".
#}
{% macro control_chart() -%}
    {{
        return({
            'limit_factor': 2.66,
            'range_factor': 3.268,
            'least_points': 8,
            'longest_run': 8,
            'longest_weeks': 26,
            'longest_months': 24,
        })
    }}
{%- endmacro %}
