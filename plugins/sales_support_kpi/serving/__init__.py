"""The published night on a database server, for tools that want one."""

from sales_support_kpi.serving.postgres import Served, check_server, serve

__all__ = ["Served", "check_server", "serve"]
