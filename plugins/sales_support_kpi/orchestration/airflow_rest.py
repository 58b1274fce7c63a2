"""A small client of Airflow's REST API: what starting and watching one night needs."""

from collections.abc import Mapping
from typing import Any

import httpx

FINISHED = frozenset({"success", "failed"})
FAILED_TASK = frozenset({"failed", "upstream_failed"})

Json = dict[str, Any]


class AirflowRest:
    """Calls to one API server; every method is one request."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=30.0, trust_env=False)
        self._credentials = {"username": user, "password": password}

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def log_in(self) -> None:
        """Get a token for the calls that follow."""
        answer = self._client.post("/auth/token", json=self._credentials)
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def health(self) -> dict[str, str | None]:
        """Status of each component; empty while the server does not answer."""
        try:
            answer = self._client.get("/api/v2/monitor/health", timeout=5.0)
            answer.raise_for_status()
        except httpx.HTTPError:
            return {}
        return {name: part.get("status") for name, part in answer.json().items() if part}

    def get(self, path: str, **params: str | int | list[str]) -> Json:
        """What stands at a path of the API."""
        answer = self._client.get(f"/api/v2{path}", params=params)
        answer.raise_for_status()
        return dict(answer.json())

    def dag_ids(self) -> set[str]:
        """All DAGs the scheduler knows."""
        return {dag["dag_id"] for dag in self.get("/dags", limit=1000)["dags"]}

    def import_errors(self) -> list[str]:
        """Why DAG files could not be read."""
        found = self.get("/importErrors", limit=100)["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in found]

    def make_pool(self, name: str, slots: int, description: str) -> None:
        """Make a pool; one of that name may be there already."""
        if self._client.get(f"/api/v2/pools/{name}").status_code == httpx.codes.NOT_FOUND:
            body = {"name": name, "slots": slots, "description": description}
            self._client.post("/api/v2/pools", json=body).raise_for_status()

    def unpause_all(self) -> None:
        """Let every DAG run."""
        answer = self._client.patch(
            "/api/v2/dags",
            params={"dag_id_pattern": "%", "limit": 1000},
            json={"is_paused": False},
        )
        answer.raise_for_status()

    def forget_waiting_events(self, dag_id: str) -> None:
        """Drop asset events that a DAG still waits to have company for."""
        answer = self._client.delete(f"/api/v2/dags/{dag_id}/assets/queuedEvents")
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()

    def unfinished_runs(self) -> list[Json]:
        """Runs of any DAG that are queued or running."""
        found = self.get("/dags/~/dagRuns", state=["queued", "running"], limit=1000)
        return list(found["dag_runs"])

    def fail_run(self, dag_id: str, run_id: str) -> None:
        """End a run that nobody waits for."""
        answer = self._client.patch(
            f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"}
        )
        answer.raise_for_status()

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Start a run; its id."""
        answer = self._client.post(
            f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": dict(conf)}
        )
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of one run."""
        return str(self.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def newest_runs(self, dag_id: str, limit: int = 20) -> list[Json]:
        """A DAG's runs, the newest first."""
        return list(self.get(f"/dags/{dag_id}/dagRuns", order_by="-id", limit=limit)["dag_runs"])

    def tasks(self, dag_id: str, run_id: str) -> list[Json]:
        """The task instances of a run."""
        found = self.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=1000)
        return list(found["task_instances"])

    def log_tail(self, dag_id: str, run_id: str, task: Json, lines: int = 30) -> str:
        """The end of what a task wrote, at its last try."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task['task_id']}/logs"
        content = self.get(f"{path}/{max(1, task['try_number'])}", full_content="true")["content"]
        texts = [line for entry in content if (line := _log_line(entry))]
        return "\n".join(texts[-lines:])


def _log_line(entry: Any) -> str:  # noqa: ANN401 - Airflow's log entries come in two shapes
    """One line of a log; nothing for what is only Airflow's own framing."""
    event = str(entry.get("event", "") if isinstance(entry, dict) else entry)
    if not isinstance(entry, dict) or event.startswith(("::group", "::endgroup", "GitWild")):
        return "" if event.startswith(("::", "GitWild")) else event
    stamp = str(entry.get("timestamp") or "")[11:19]
    details = entry.get("error_detail") or []
    errors = [f"\n    {detail.get('exc_type')}: {detail.get('exc_value')}" for detail in details]
    return f"{stamp} {event}{''.join(errors)}"
