{#
    What is compared when two records are suspected to be one: letters and digits alone, composed,
    in lower case, without the legal form of a company.
#}
{% macro legal_forms() -%}
\(주\)|㈜|주식회사|\(유\)|유한회사|\(재\)|재단법인|\b(inc|ltd|limited|llc|corp|corporation|co|company|gmbh|ag|kk|pty|plc)\b
{%- endmacro %}

{% macro plain_words(text) -%}
    trim(
        regexp_replace(
            regexp_replace(lower(nfc_normalize(coalesce({{ text }}, ''))), '{{ legal_forms() }}', ' ', 'g'),
            '[^\p{L}\p{N}]+', ' ', 'g'
        )
    )
{%- endmacro %}

{# Share of the shorter list that stands in the other one, too. #}
{% macro overlap(one, other) -%}
    (len(list_intersect({{ one }}, {{ other }})) / greatest(least(len({{ one }}), len({{ other }})), 1))
{%- endmacro %}

{#
    How much more often two records of one customer look so alike than two of different ones: the
    logarithms (base 2) that Splink learnt, by Fellegi and Sunter, on a data set without being told
    its duplicates. Their sum is the logarithm of the odds. `python -m bench duplicates` learns them
    again and says how well they do.
#}
{% macro prior_weight() -%} -14.02 {%- endmacro %}

{% macro name_weight(similarity) -%}
    case
        when {{ similarity }} = 1 then 10.14
        when {{ similarity }} >= 0.95 then 9.84
        when {{ similarity }} >= 0.9 then 5.80
        when {{ similarity }} >= 0.85 then 4.04
        when {{ similarity }} >= {{ least_name_similarity() }} then 2.68
        else -4.46
    end
{%- endmacro %}

{# Below it the odds are against two records, whatever else they have in common. #}
{% macro least_name_similarity() -%} 0.75 {%- endmacro %}

{% macro address_weight(similarity) -%}
    case
        when {{ similarity }} = 1 then 10.06
        when {{ similarity }} >= 0.95 then 9.99
        when {{ similarity }} >= 0.85 then 9.81
        when {{ similarity }} >= 0.75 then 4.37
        else -14.79
    end
{%- endmacro %}

{# A postal code that one of them lacks says nothing. #}
{% macro postal_code_weight(one, other) -%}
    case
        when {{ one }} is null or {{ other }} is null then 0
        when {{ one }} = {{ other }} then 9.03
        when damerau_levenshtein({{ one }}, {{ other }}) <= 1 then 3.06
        else -6.37
    end
{%- endmacro %}

{# A registration number without what people write between its digits; null where there is none. #}
{% macro bare_number(number) -%} nullif(regexp_replace({{ number }}, '[ -]', '', 'g'), '') {%- endmacro %}
