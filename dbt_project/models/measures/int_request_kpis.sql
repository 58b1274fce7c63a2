select
    kinds.kind,
    kinds.kpi_id

from (
    values
    ('proposal', 'document_turnaround'),
    ('contract', 'document_turnaround'),
    ('inquiry', 'inquiry_within_4h'),
    ('inquiry', 'inquiry_completion_rate'),
    ('inquiry', 'inquiry_handling_time'),
    ('material', 'material_request_satisfaction'),
    ('complaint', 'complaint_support_satisfaction')
) as kinds (kind, kpi_id)
