"""What data must look like at the two doors: suites of Great Expectations as code.

Each builder is a pure function of its thresholds, which come from `config/`; none touches data or
a context. `sales_support_kpi.quality` runs them and decides by severity.
"""
