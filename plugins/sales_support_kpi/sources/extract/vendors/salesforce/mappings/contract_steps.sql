-- A step is done when its own field on the contract says so, or when a task of the contract with
-- the step's subject or type is completed. A field's row is written whether filled or not, so
-- that an emptied field takes the step back; an open task says nothing about its step.
with fields as (
    select
        id as contract_id,
        to_json(contracts) as record,
        updated_at
    from contracts
),

field_steps as (
    select
        fields.contract_id,
        step_rules.step,
        json_extract_string(fields.record, step_rules.at_path) as completed_at,
        json_extract_string(fields.record, step_rules.by_path) as assignee_id,
        fields.updated_at
    from fields
    inner join step_rules on step_rules.at_path is not null
),

task_steps as (
    select
        tasks.what_id as contract_id,
        step_rules.step,
        min(
            case
                when tasks.is_closed = 'true' and tasks.is_deleted <> 'true'
                    then coalesce(tasks.completed_at, tasks.updated_at)
            end
        ) as completed_at,
        arg_max(tasks.owner_id, tasks.updated_at) as assignee_id,
        max(tasks.updated_at) as updated_at
    from tasks
    inner join step_rules
        on tasks.subject = step_rules.task_subject or tasks.type = step_rules.task_type
    where tasks.what_id is not null and (tasks.is_closed = 'true' or tasks.is_deleted = 'true')
    group by all
)

select * from field_steps
union all by name
select * from task_steps
