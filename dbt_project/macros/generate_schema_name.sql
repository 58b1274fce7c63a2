{# Schemas are named by the project alone: `entities`, `measures`, `company`, `people`, …
   A published file has only one; where both cuts of a table have a name there, it is the people's. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.name == 'published' and (
        custom_schema_name == 'people' or custom_schema_name == 'company' and not node.config.alias
    ) -%}
        main
    {%- else -%}
        {{ custom_schema_name or target.schema }}
    {%- endif -%}
{%- endmacro %}
