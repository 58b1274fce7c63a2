select
    id as employee_id,
    name,
    email,
    'support' as role
from agents
