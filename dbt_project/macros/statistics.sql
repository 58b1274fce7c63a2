{# No rows means no data: null, never 0, NaN or infinite. #}
{% macro ratio(numerator, denominator) -%}
    (case when {{ denominator }} > 0 then {{ numerator }} / {{ denominator }} end)
{%- endmacro %}

{# 95 % Wilson score interval of a proportion; `side` is '-' or '+'.
   Wilson (1927), "Probable inference, the law of succession, and statistical inference". #}
{% macro wilson_bound(proportion, size, side) -%}
    {%- set z = '1.959963984540054' -%}
    (
        (
            {{ proportion }} + {{ z }} * {{ z }} / (2.0 * {{ size }})
            {{ side }} {{ z }} * sqrt(
                {{ proportion }} * (1 - {{ proportion }}) / {{ size }}
                + {{ z }} * {{ z }} / (4.0 * {{ size }} * {{ size }})
            )
        ) / (1 + {{ z }} * {{ z }} / {{ size }})
    )
{%- endmacro %}

{# 97.5 % quantile of Student's t: the seed up to 1,000 degrees of freedom, beyond them the
   Cornish-Fisher expansion around the normal quantile, which is exact to 1e-11 there. #}
{% macro student_t_quantile(degrees_of_freedom, tabulated) -%}
    {%- set z = '1.959963984540054' -%}
    {%- set df = '(' ~ degrees_of_freedom ~ ')' -%}
    coalesce(
        {{ tabulated }},
        {{ z }}
        + (pow({{ z }}, 3) + {{ z }}) / (4 * {{ df }})
        + (5 * pow({{ z }}, 5) + 16 * pow({{ z }}, 3) + 3 * {{ z }}) / (96 * pow({{ df }}, 2))
        + (3 * pow({{ z }}, 7) + 19 * pow({{ z }}, 5) + 17 * pow({{ z }}, 3) - 15 * {{ z }})
        / (384 * pow({{ df }}, 3))
    )
{%- endmacro %}

{# Does a value reach its target, or with a tolerance miss it by no more than that share of it?
   Equality is judged to 1e-9: a sum of floats must not decide about a bonus. #}
{% macro reaches(value, target, better, tolerance='0') -%}
    (
        case
            when {{ better }} = 'higher' then {{ value }} >= {{ target }} * (1 - {{ tolerance }}) - 1e-9
            else {{ value }} <= {{ target }} * (1 + {{ tolerance }}) + 1e-9
        end
    )
{%- endmacro %}
