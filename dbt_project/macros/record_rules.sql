{#
    The rules of a customer record: a macro that says when a record passes, and a line in the catalog.

    `kind` says where a rule looks:
      record   one version alone: the macro `rule_<rule>` over the columns in `reads`, trimmed; true
               where it passes
      faults   a model with the spans in which records fail (`source, customer_id, from_at, until_at`),
               because the rule needs the world: other records, employees, audits. `other` names the
               column with the other record's id
      age      fails once a version has stood for the months in the column `limit` of
               control.record_limits

    Only critical rules decide about customer_record_accuracy; the others are advice. Every rule
    reaches the worklist, its counts and its texts from here; nothing else has to be written.
#}
{% macro record_rule_catalog() -%}
    {{ return([
        {'rule': 'name', 'kind': 'record', 'is_critical': true, 'reads': ['name'],
         'name': {'ko': '고객명', 'en': 'Name'},
         'why': {'ko': '고객명이 비어 있다', 'en': 'The name is empty'},
         'todo': {'ko': '고객명을 채운다', 'en': 'Fill in the name'}},
        {'rule': 'email', 'kind': 'record', 'is_critical': true, 'reads': ['email'],
         'name': {'ko': '이메일', 'en': 'E-mail'},
         'why': {'ko': '이메일이 없거나 형식이 틀렸다', 'en': 'The e-mail address is missing or malformed'},
         'todo': {'ko': '고객에게 확인해 이메일을 고친다', 'en': 'Ask the customer and correct the address'}},
        {'rule': 'phone', 'kind': 'record', 'is_critical': true, 'reads': ['phone', 'country'],
         'name': {'ko': '전화번호', 'en': 'Phone'},
         'why': {'ko': '전화번호가 없거나 그 나라의 번호가 아니다', 'en': 'The phone number is missing or none of its country'},
         'todo': {'ko': '지역 번호까지 넣어 고친다. 해외는 +국가번호로 쓴다', 'en': 'Correct it with its area code; abroad it starts with + and the country'}},
        {'rule': 'postal_code', 'kind': 'record', 'is_critical': true, 'reads': ['postal_code', 'country'],
         'name': {'ko': '우편번호', 'en': 'Postal code'},
         'why': {'ko': '우편번호가 다섯 자리가 아니거나 비어 있다', 'en': 'The postal code is no five digits, or missing'},
         'todo': {'ko': '주소로 우편번호를 찾아 넣는다', 'en': 'Look the code up by the address'}},
        {'rule': 'business_registration_no', 'kind': 'record', 'is_critical': true, 'reads': ['business_registration_no', 'country'],
         'name': {'ko': '사업자등록번호', 'en': 'Registration number'},
         'why': {'ko': '사업자등록번호가 없거나 검증번호가 맞지 않는다', 'en': 'The registration number is missing or its check digit is wrong'},
         'todo': {'ko': '사업자등록증을 보고 고친다', 'en': 'Correct it from the registration certificate'}},
        {'rule': 'unique', 'kind': 'faults', 'is_critical': true, 'model': 'int_customer_shared_numbers', 'other': 'other_customer_id',
         'name': {'ko': '번호 중복', 'en': 'Number shared'},
         'why': {'ko': '다른 활성 고객이 같은 사업자등록번호를 쓴다', 'en': 'Another active customer has the same registration number'},
         'todo': {'ko': '번호를 고치거나, 같은 고객이면 하나를 이탈 처리하거나 합친다', 'en': 'Correct the number; if it is one customer, merge the records or close one'}},
        {'rule': 'owner_id', 'kind': 'faults', 'is_critical': true, 'model': 'int_customer_owner_gaps',
         'name': {'ko': '담당 영업', 'en': 'Owner'},
         'why': {'ko': '담당 영업이 없거나 퇴사했다', 'en': 'The owner is missing or has left'},
         'todo': {'ko': '재직 중인 담당 영업을 정한다', 'en': 'Name an owner who is there'}},
        {'rule': 'audit', 'kind': 'faults', 'is_critical': true, 'model': 'int_customer_audit_findings',
         'name': {'ko': '점검 결과', 'en': 'Audit'},
         'why': {'ko': '수기 점검에서 틀렸다고 판정되었다', 'en': 'An audit by hand found the record wrong'},
         'todo': {'ko': '점검 내용을 보고 기록을 고친다. 고치면 판정이 끝난다', 'en': 'Correct what the audit names; the change ends the finding'}},
        {'rule': 'contact_age', 'kind': 'age', 'is_critical': false, 'limit': 'contact_months',
         'name': {'ko': '오래된 연락처', 'en': 'Old contact'},
         'why': {'ko': '마지막 수정 뒤 오랜 기간이 지났다', 'en': 'Nobody has touched the record for long'},
         'todo': {'ko': '연락처가 지금도 맞는지 확인하고 저장한다', 'en': 'Confirm the contact and save the record'}},
        {'rule': 'email_conflict', 'kind': 'faults', 'is_critical': false, 'model': 'int_customer_email_conflicts', 'other': 'other_customer_id',
         'name': {'ko': '시스템 간 이메일 불일치', 'en': 'E-mail differs between systems'},
         'why': {'ko': '같은 사업자등록번호의 고객이 다른 시스템에서는 다른 이메일을 쓴다', 'en': 'The same company has another e-mail address in another system'},
         'todo': {'ko': '맞는 쪽을 확인해 두 시스템을 같게 한다', 'en': 'Find out which is right and make both the same'}},
        {'rule': 'possible_duplicate', 'kind': 'faults', 'is_critical': false, 'model': 'int_customer_similar_records', 'other': 'other_customer_id',
         'name': {'ko': '중복 의심', 'en': 'Possible duplicate'},
         'why': {'ko': '이름과 주소가 비슷한 활성 고객이 또 있다', 'en': 'Another active customer has a similar name and address'},
         'todo': {'ko': '같은 고객이면 합친다. 아니면 그대로 둔다', 'en': 'Merge them if they are one; else leave them'}},
        {'rule': 'test_domain', 'kind': 'record', 'is_critical': false, 'reads': ['email'],
         'name': {'ko': '시험용 이메일', 'en': 'Test domain'},
         'why': {'ko': '실제로 받을 수 없는 도메인의 이메일이다', 'en': 'The address is in a domain that reaches nobody'},
         'todo': {'ko': '실제 이메일을 받아 고친다', 'en': 'Get a real address'}},
        {'rule': 'role_address', 'kind': 'record', 'is_critical': false, 'reads': ['email'],
         'name': {'ko': '공용 이메일', 'en': 'Role address'},
         'why': {'ko': '담당자 개인이 아닌 공용 메일함이다', 'en': 'A mailbox without a person behind it'},
         'todo': {'ko': '담당자의 이메일을 받는다', 'en': 'Get the address of a person'}},
    ]) }}
{%- endmacro %}

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

{# An address in one of the domains of tests, or below it. What is no address is another rule's. #}
{% macro rule_test_domain(email) -%}
    (
        not contains(coalesce({{ email }}, ''), '@')
        or len(
            list_filter(
                {{ record_words('test_domain') }},
                lambda word: lower(split_part({{ email }}, '@', 2)) = word
                or ends_with(lower(split_part({{ email }}, '@', 2)), '.' || word)
            )
        ) = 0
    )
{%- endmacro %}

{% macro rule_role_address(email) -%}
    (
        not contains(coalesce({{ email }}, ''), '@')
        or not list_contains({{ record_words('role_address') }}, lower(split_part({{ email }}, '@', 1)))
    )
{%- endmacro %}

{# The company's own words of a kind, as a list. #}
{% macro record_words(kind) -%}
    (
        select coalesce(list(words.word), [])
        from {{ source('control', 'record_words') }} as words
        where words.kind = '{{ kind }}'
    )
{%- endmacro %}

{# rule → what one version says about itself, for the rules of kind `record`; expressions over the
   columns of `customers`. #}
{% macro record_rules(is_critical=true) -%}
    {%- set rules = {} -%}
    {%- for entry in record_rule_catalog() if entry.kind == 'record' and entry.is_critical == is_critical -%}
        {%- do rules.update({entry.rule: context['rule_' ~ entry.rule](*entry.reads)}) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}
