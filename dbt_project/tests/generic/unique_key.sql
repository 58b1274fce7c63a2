{# The columns together identify a row: fails with every key that stands twice or has a null part. #}
{% test unique_key(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 {% for column in columns %} or bool_or({{ column }} is null) {% endfor %}
{% endtest %}
