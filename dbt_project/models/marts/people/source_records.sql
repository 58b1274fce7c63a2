{{ config(materialized='view') }}

{#- Whose records the measure rows are; entity: [its key, whether it is kept in versions]. #}
{%- set entities = {
    'activities': ['activity_id', false],
    'contracts': ['contract_id', false],
    'customers': ['customer_id', true],
    'insights': ['insight_id', false],
    'materials': ['material_id', false],
    'meetings': ['meeting_id', false],
    'opportunities': ['opportunity_id', true],
    'report_deliveries': ['delivery_id', false],
    'requests': ['request_id', false],
    'survey_responses': ['response_id', false],
} -%}
with

night as (

    select * from {{ source('control', 'night') }}

),

records as (

    {% for entity, (key, has_versions) in entities.items() -%}
    select
        source,
        '{{ entity }}' as entity,
        {{ key }} as record_id,
        {% if has_versions %}valid_from{% else %}{{ always() }} as valid_from{% endif %},
        file_name,
        sheet_name,
        row_number,
        landed_at

    from {{ ref(entity) }}
    {% if has_versions %}
    where not is_tombstone
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    records.source,
    records.entity,
    records.record_id,
    records.valid_from,
    records.file_name,
    records.sheet_name,
    records.row_number,
    records.landed_at

from records
inner join night on records.valid_from < night.as_of
