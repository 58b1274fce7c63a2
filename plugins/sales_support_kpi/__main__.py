"""`python -m sales_support_kpi` is `kpi`."""

import sys

from sales_support_kpi.cli import main

sys.exit(main())
