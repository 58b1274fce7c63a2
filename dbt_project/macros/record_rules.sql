{#
    The critical rules of a customer record, on trimmed values. Each takes the columns it needs and is
    true where the record passes. A new rule is one macro here and one line in `record_rules`.
    `unique`, `owner_id` and `audit` need the world and live in the models.
#}
{% macro is_korean(country) -%} (coalesce({{ country }}, '') in ('', 'KR')) {%- endmacro %}

{% macro rule_name(name) -%} (coalesce({{ name }}, '') <> '') {%- endmacro %}

{% macro rule_email(email) -%}
    (
        length(coalesce({{ email }}, '')) between 1 and 254
        and regexp_full_match({{ email }}, '[A-Za-z0-9.!#$%&''*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+')
    )
{%- endmacro %}

{% macro rule_phone(phone, country) -%}
    {%- set digits = "regexp_replace(coalesce(" ~ phone ~ ", ''), '[ .()-]', '', 'g')" -%}
    (
        case
            when {{ is_korean(country) }}
                then regexp_full_match(
                    regexp_replace({{ digits }}, '^(\+82|0082)0?', '0'),
                    '02[0-9]{7,8}|0[3-6][0-9][0-9]{7,8}|01[016789][0-9]{7,8}|070[0-9]{8}|050[0-9]{8,9}|080[0-9]{7}|1[568][0-9]{6}'
                )
            else regexp_full_match({{ digits }}, '\+[0-9]{8,15}')
        end
    )
{%- endmacro %}

{% macro rule_postal_code(postal_code, country) -%}
    (
        case
            when {{ is_korean(country) }} then regexp_full_match(coalesce({{ postal_code }}, ''), '[0-9]{5}')
            else coalesce({{ postal_code }}, '') <> ''
        end
    )
{%- endmacro %}

{% macro bare_number(number) -%} nullif(regexp_replace({{ number }}, '[ -]', '', 'g'), '') {%- endmacro %}

{% macro rule_business_registration_no(number, country) -%}
    {%- set digits = bare_number(number) -%}
    {%- set weights = [1, 3, 7, 1, 3, 7, 1, 3, 5] -%}
    (
        not {{ is_korean(country) }}
        or (
            coalesce(regexp_full_match({{ digits }}, '[0-9]{10}'), false)
            and coalesce(
                (
                    10 - (
                        {% for weight in weights -%}
                        {{ weight }} * try_cast(substring({{ digits }}, {{ loop.index }}, 1) as integer) +
                        {% endfor -%}
                        (5 * try_cast(substring({{ digits }}, 9, 1) as integer)) // 10
                    ) % 10
                ) % 10 = try_cast(substring({{ digits }}, 10, 1) as integer),
                false
            )
        )
    )
{%- endmacro %}

{# rule → expression over the columns of `customers`: what a single version says about itself #}
{% macro record_rules() -%}
    {{ return({
        'name': rule_name('name'),
        'email': rule_email('email'),
        'phone': rule_phone('phone', 'country'),
        'postal_code': rule_postal_code('postal_code', 'country'),
        'business_registration_no': rule_business_registration_no('business_registration_no', 'country'),
    }) }}
{%- endmacro %}
