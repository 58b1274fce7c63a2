{{ config(materialized='view') }}

{#- Whose records the measure rows are, then what can decide them.
    entity: [its key, whether it is kept in versions, whose part it is: entity and column]. #}
{%- set entities = {
    'activities': [['activity_id'], false, none],
    'contracts': [['contract_id'], false, none],
    'customers': [['customer_id'], true, none],
    'insights': [['insight_id'], false, none],
    'materials': [['material_id'], false, none],
    'meetings': [['meeting_id'], false, none],
    'opportunities': [['opportunity_id'], true, none],
    'report_deliveries': [['delivery_id'], false, none],
    'requests': [['request_id'], false, none],
    'survey_responses': [['response_id'], false, none],
    'contract_steps': [['contract_id', 'step'], false, ['contracts', 'contract_id']],
    'request_events': [['event_id'], false, ['requests', 'request_id']],
    'report_uses': [['meeting_id', 'report'], false, ['meetings', 'meeting_id']],
    'material_updates': [['update_id'], false, ['materials', 'material_id']],
    'record_audits': [['audit_id'], false, ['customers', 'customer_id']],
    'employees': [['employee_id'], true, none],
} -%}
with

night as (

    select * from {{ source('control', 'night') }}

),

records as (

    {% for entity, (key, has_versions, whole) in entities.items() -%}
    select
        source,
        '{{ entity }}' as entity,
        {{ key | join(" || '/' || ") }} as record_id,
        {% if whole %}'{{ whole[0] }}'{% else %}null{% endif %}::varchar as whole_entity,
        {% if whole %}{{ whole[1] }}{% else %}null{% endif %}::varchar as whole_id,
        {% if has_versions %}valid_from{% else %}{{ always() }} as valid_from{% endif %},
        file_name,
        sheet_name,
        row_number,
        landed_at

    from {{ ref(entity) }}
    {% if entity == 'employees' %}
    -- an address is nobody's id, and is never published
    where not is_tombstone and not contains(employee_id, '@')
    {% elif has_versions %}
    where not is_tombstone
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    records.source,
    records.entity,
    records.record_id,
    records.whole_entity,
    records.whole_id,
    records.valid_from,
    records.file_name,
    records.sheet_name,
    records.row_number,
    records.landed_at

from records
inner join night on records.valid_from < night.as_of
