-- Sales materials are the files of libraries (of those that the options name, if they name any);
-- a person's own files are none.
select
    documents.id as material_id,
    documents.title,
    documents.owner_id,
    documents.created_at,
    case
        when documents.is_archived = 'true'
            then coalesce(documents.archived_at, documents.updated_at)
    end as retired_at,
    case
        when documents.is_deleted = 'true' then cast(documents.stamp as timestamptz)
    end as deleted_at
from documents
inner join libraries on documents.library_id = libraries.id
where
    libraries.name in (select value from wanted_libraries)
    or not exists (select 1 from wanted_libraries)
union all by name
-- Out of the recycle bin before it was read there: only the id and the time are known.
select
    id as material_id,
    deleted_at as created_at,
    cast(deleted_at as timestamptz) as deleted_at
from deleted
where object = 'ContentDocument' and id not in (select id from documents)
