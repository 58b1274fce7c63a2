-- Each further version of a file is an update; its first version is its creation.
select
    versions.id as update_id,
    versions.document_id as material_id,
    versions.created_at as updated_at,
    versions.author_id,
    case
        when versions.is_deleted = 'true' then cast(versions.stamp as timestamptz)
    end as deleted_at
from document_versions as versions
inner join libraries on versions.library_id = libraries.id
where
    versions.version_no <> '1'
    and (
        libraries.name in (select value from wanted_libraries)
        or not exists (select 1 from wanted_libraries)
    )
