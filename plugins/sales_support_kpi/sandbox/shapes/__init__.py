"""The demo company as its source systems hold it: rows of entities → vendors' objects.

`read_company(…)` → `salesforce.org_of`, `zendesk.store_of`, `surveymonkey.store_of`,
`database.write`. What no system could hold (a request that ended before it began, a kind that does
not exist, a score above its scale) is left out: in a file drop such rows are quarantined.
"""
