"""Fill a Superset: the assets of this folder, the roles, and who sees which rows.

Runs with Superset's own Python, once per start; everything is written over what is there, found
by its name or uuid, so running it again changes nothing. People come as JSON on standard input:
`[{"username": …, "password": …, "role": "manager" | "lead" | "member"}]`; a user that exists keeps
the password. A username is the employee's id: the published files hold no e-mail addresses.
"""

import json
import sys
from pathlib import Path

import yaml
from superset.app import create_app

from sales_support_kpi.dashboard_words import status_colours

ASSETS = Path(__file__).parent / "assets"
PEOPLE_DATASETS = (
    "people_values",
    "people_records",
    "people_hours",
    "people_issues",
    "people_fixes",
    "people_requests",
)
ROLES = ("manager", "lead", "member")

# What a reader may do: open dashboards and their charts. No SQL Lab, no editing, no exports of
# other people's data (rows are cut before they reach a chart, so what can be seen can be saved).
READING = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "CurrentUserRestApi"),
    ("can_dashboard", "Superset"),
    ("can_language_pack", "Superset"),
    ("can_slice", "Superset"),
    ("can_read", "Explore"),
    ("can_time_range", "Api"),
    ("can_query", "Api"),
    ("can_query_form_data", "Api"),
    ("can_read", "Theme"),
    ("can_drill", "Dashboard"),
    ("can_list", "Dashboard"),
    ("can_get", "MenuApi"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("menu_access", "Home"),
    ("menu_access", "Dashboards"),
    ("can_recent_activity", "Log"),
    ("can_log", "Superset"),
    ("can_write", "Log"),
)

ME = "{{ current_username() }}"
MY_TEAM = (
    "select d.employee_id from dim_employees as d where d.valid_to is null and d.team = "
    f"(select m.team from dim_employees as m where m.employee_id = '{ME}' and m.valid_to is null)"
)
# Least access by default: a role that is not named here sees no row about a person.
NOBODY = "1 = 0"
CLAUSES = {
    "member": f"employee_id = '{ME}'",
    "lead": f"(employee_id = '{ME}' or employee_id in ({MY_TEAM}))",
}


def import_assets() -> None:
    """Every database, dataset, chart and dashboard of `assets/`, over what is there."""
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    contents = {
        str(path.relative_to(ASSETS)): path.read_text(encoding="utf-8")
        for path in sorted(ASSETS.rglob("*.yaml"))
    }
    for name, text in contents.items():
        if name.startswith("dashboards/"):
            dashboard = yaml.safe_load(text)
            dashboard["metadata"]["label_colors"] |= status_colours()
            contents[name] = yaml.safe_dump(dashboard)
    ImportAssetsCommand(contents).run()


def grant_roles() -> None:
    """The three roles: reading, and access to both databases' datasets."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable

    datasets = db.session.query(SqlaTable).all()
    for name in ROLES:
        role = security_manager.add_role(name) or security_manager.find_role(name)
        wanted = [
            security_manager.add_permission_view_menu(permission, view)
            for permission, view in READING
        ]
        wanted += [
            security_manager.add_permission_view_menu("datasource_access", dataset.perm)
            for dataset in datasets
        ]
        role.permissions = [permission for permission in wanted if permission is not None]
    db.session.commit()


def restrict_rows() -> None:
    """Row-level security on every dataset about people."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable

    tables = db.session.query(SqlaTable).filter(SqlaTable.table_name.in_(PEOPLE_DATASETS)).all()
    if len(tables) != len(PEOPLE_DATASETS):
        raise RuntimeError(f"expected the datasets {PEOPLE_DATASETS}, found {tables}")
    rules = [("nobody", "Base", NOBODY, [*ROLES, "Admin"])]
    rules += [(name, "Regular", clause, [name]) for name, clause in CLAUSES.items()]
    for name, kind, clause, roles in rules:
        rule = db.session.query(RowLevelSecurityFilter).filter_by(
            name=name
        ).one_or_none() or RowLevelSecurityFilter(name=name)
        rule.filter_type, rule.clause, rule.group_key = kind, clause, None
        rule.tables = tables
        rule.roles = [security_manager.find_role(role) for role in roles]
        db.session.add(rule)
    db.session.commit()


def add_people(people: list[dict[str, str]]) -> None:
    """Users that are not there yet, each in one role."""
    from superset import security_manager

    for person in people:
        name = person["username"]
        if security_manager.find_user(name) is not None:
            continue
        role = security_manager.find_role("Admin" if person["role"] == "admin" else person["role"])
        added = security_manager.add_user(
            name, name, "-", f"{name}@localhost", role, password=person["password"]
        )
        if not added:
            raise RuntimeError(f"the user {name} could not be added")


def main() -> None:
    """Everything, in the order in which one needs the other."""
    people = json.load(sys.stdin)
    app = create_app()
    with app.app_context():
        from flask import g
        from superset import security_manager

        add_people([person for person in people if person["role"] == "admin"])
        g.user = security_manager.find_user("admin")
        import_assets()
        grant_roles()
        restrict_rows()
        add_people([person for person in people if person["role"] != "admin"])


if __name__ == "__main__":
    main()
