{#
    One row per (source, key, valid_from) of a versioned entity.

    A version starts at its stated instant (`updated_at`, else `created_at`); with neither, the key's
    first version has always been valid and a later one starts when its night landed it. What comes
    back after a tombstone starts after that tombstone. Per start the latest load wins. A version
    exists until the next one starts or it is deleted; a tombstone is a version without existence.
    Incremental: all landed versions of a touched key are read again.
#}
{% macro always() -%} timestamptz '1900-01-01 00:00:00+00' {%- endmacro %}

{% macro version_rows(staging, key, columns, stated_start) %}
{%- set keys = ['source', key] -%}
with

landed as (

    select * from {{ ref(staging) }}
    {% if is_incremental() %}
    where ({{ keys | join(', ') }}) in (
        select ({{ keys | join(', ') }})
        from {{ ref(staging) }}
        where load_seq > {{ previous_load_seq() }}
    )
    {% endif %}

),

placed as (

    select
        *,
        {{ stated_start }} as stated_start,
        min(load_seq) over (partition by {{ keys | join(', ') }}) as first_load_seq,
        max(case when is_tombstone then effective_at end) over (
            partition by {{ keys | join(', ') }}
            order by load_seq
            range between unbounded preceding and 1 preceding
        ) as tombstoned_at

    from landed

),

started as (

    select
        *,
        case
            when is_tombstone then effective_at
            when stated_start > tombstoned_at or (stated_start is not null and tombstoned_at is null)
                then stated_start
            when stated_start is null and load_seq = first_load_seq then {{ always() }}
            else effective_at
        end as valid_from

    from placed

),

winning as (

    select *

    from started

    qualify row_number() over (
        partition by {{ keys | join(', ') }}, valid_from
        order by load_seq desc, stated_start desc nulls last, version_no desc nulls last, row_number desc
    ) = 1

),

chained as (

    select
        *,
        lead(valid_from) over (
            partition by {{ keys | join(', ') }} order by valid_from
        ) as valid_to,
        row_number() over (
            partition by {{ keys | join(', ') }} order by valid_from
        ) = 1 as is_first

    from winning

)

select
    {{ (keys + columns) | join(',\n    ') }},
    valid_from,
    valid_to,
    least(valid_to, deleted_at) as exists_until,
    is_tombstone,
    is_first,
    deleted_at,
    file_name,
    sheet_name,
    row_number,
    landed_at,
    load_seq

from chained
{% endmacro %}
