-- Audits name the account by the CRM's id.
select * rename (account_id as customer_id) from record_audits
