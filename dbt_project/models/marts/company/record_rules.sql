{% for entry in record_rule_catalog() -%}
select
    {{ loop.index }} as position,
    '{{ entry.rule }}' as rule,
    {{ entry.is_critical }} as is_critical,
    '{{ entry.name.ko }}' as name_ko,
    '{{ entry.name.en }}' as name_en,
    '{{ entry.why.ko }}' as why_ko,
    '{{ entry.why.en }}' as why_en,
    '{{ entry.todo.ko }}' as todo_ko,
    '{{ entry.todo.en }}' as todo_en
{% if not loop.last %}
union all

{% endif -%}
{% endfor %}
