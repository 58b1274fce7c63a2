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

{# From how many records on a common key is too common. #}
{% macro most_alike() -%} 50 {%- endmacro %}

{# A registration number without what people write between its digits; null where there is none. #}
{% macro bare_number(number) -%} nullif(regexp_replace({{ number }}, '[ -]', '', 'g'), '') {%- endmacro %}
