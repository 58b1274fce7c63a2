{# Schemas are named by the project alone: `entities`, `measures`, `company`, `people`, … #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
