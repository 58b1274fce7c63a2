{#
    One row per (source, key) of an unversioned entity: the latest `updated_at` wins, then the later
    load, then the later row. A tombstone holds while no row of the key has been landed after it.
    Incremental: the order is total, so the winner of (present winner, new rows) is the winner of all.
    `link` names a column that says which other record the row belongs to, where that may change:
    `<link>s` then lists every one it has ever belonged to, and all of them are touched with it.
#}
{% macro winning_rows(staging, key, columns, updated_at=none, link=none) %}
{%- set keys = ['source'] + key -%}
with

landed as (

    select * from {{ ref(staging) }}
    {% if is_incremental() %}
    where load_seq > {{ previous_load_seq() }}
    {% endif %}

),

candidates as (

    select
        {{ (keys + columns) | join(',\n        ') }},
        deleted_at as stated_deleted_at,
        file_name,
        sheet_name,
        row_number,
        landed_at,
        is_tombstone,
        {% if link %}case when is_tombstone then [] else [{{ link }}] end as {{ link }}s,{% endif %}
        case when not is_tombstone then load_seq end as landed_seq,
        case when is_tombstone then load_seq end as tombstone_seq,
        case when is_tombstone then effective_at end as tombstone_at,
        load_seq

    from landed

    {% if is_incremental() %}
    union all

    select
        {{ (keys + columns) | join(',\n        ') }},
        stated_deleted_at,
        file_name,
        sheet_name,
        row_number,
        landed_at,
        false as is_tombstone,
        {% if link %}{{ link }}s,{% endif %}
        landed_seq,
        tombstone_seq,
        tombstone_at,
        load_seq

    from {{ this }}

    where ({{ keys | join(', ') }}) in (select ({{ keys | join(', ') }}) from landed)
    {% endif %}

),

ranked as (

    select
        {{ (keys + columns) | join(',\n        ') }},
        stated_deleted_at,
        file_name,
        sheet_name,
        row_number,
        landed_at,
        is_tombstone,
        {% if link %}
        list_sort(list_distinct(flatten(list({{ link }}s) over records))) as {{ link }}s,
        {% endif %}
        max(landed_seq) over records as landed_seq,
        max(tombstone_seq) over records as tombstone_seq,
        arg_max(tombstone_at, tombstone_seq) over records as tombstone_at,
        max(load_seq) over records as load_seq,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by
                is_tombstone,
                {% if updated_at %}{{ updated_at }} desc nulls last,{% endif %}
                landed_seq desc,
                row_number desc
        ) as place

    from candidates

    window records as (partition by {{ keys | join(', ') }})

)

select
    {{ (keys + columns) | join(',\n    ') }},
    least(
        stated_deleted_at, case when tombstone_seq > landed_seq then tombstone_at end
    ) as deleted_at,
    {% if link %}{{ link }}s,{% endif %}
    stated_deleted_at,
    file_name,
    sheet_name,
    row_number,
    landed_at,
    landed_seq,
    tombstone_seq,
    tombstone_at,
    load_seq

from ranked

where place = 1 and not is_tombstone
{% endmacro %}
