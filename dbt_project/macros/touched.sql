{#
    Incremental unit = the touched record. `inputs` lists where a record can be touched:
    [[model, column that holds the record's id], …]. A record is touched when a load after the last
    completed build brought a row for it, or when a deletion took effect between the two as-of
    instants. Ids are compared without their source: a wider net, never a narrower one.
#}
{% macro touched_ids(inputs) -%}
    {% for model, column in inputs %}
    select {{ column }} from {{ ref(model) }}
    where
        load_seq > {{ previous_load_seq() }}
        or (deleted_at >= {{ previous_as_of() }} and deleted_at < {{ as_of() }})
    {% if not loop.last %}union{% endif %}
    {% endfor %}
{%- endmacro %}

{# A filter for the models that recompute touched records only. #}
{% macro is_touched(column, inputs) -%}
    {%- for model, _ in inputs -%}{%- do ref(model) -%}{%- endfor -%}
    {% if is_incremental() -%}
    {{ column }} in ({{ touched_ids(inputs) }})
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{# Pre-hook: drop what is about to be computed again. Not atomic with the insert, and need not be:
   a killed build leaves the marks where they were, so the next one touches the same records. #}
{% macro forget_touched(inputs, record_column='record_id') -%}
    {% if is_incremental() -%}
    delete from {{ this }} where {{ record_column }} in ({{ touched_ids(inputs) }})
    {%- endif %}
{%- endmacro %}

{# A row whose deletion has taken effect does not exist, also not in past periods. #}
{% macro exists_as_of(relation) -%}
    ({{ relation }}.deleted_at is null or {{ relation }}.deleted_at >= {{ as_of() }})
{%- endmacro %}
