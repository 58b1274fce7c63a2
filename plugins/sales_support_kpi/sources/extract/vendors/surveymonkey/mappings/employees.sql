-- Who answered, where the answer says it by e-mail address: nothing but the address, by which the
-- person is matched to who it is in the CRM.
select distinct
    lower(trim(respondent_email)) as employee_id,
    lower(trim(respondent_email)) as email
from responses
where
    respondent_id is null
    and trim(respondent_email) <> ''
    and response_status = 'completed'
    and collection_mode in ('default', 'edit')
