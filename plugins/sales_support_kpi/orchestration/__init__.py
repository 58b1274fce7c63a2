"""What `dags/` is wired with; beside `dags/` the only place that imports Airflow."""
