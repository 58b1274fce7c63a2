"""Is a deployed Airflow service well? Exit code 0 says yes: made for container health checks.

`python -m sales_support_kpi.orchestration.health api-server|scheduler|dag-processor`
"""

import os
import subprocess
import sys
import urllib.error
import urllib.request

LOOPBACK = "http://127.0.0.1"


def url_of(service: str) -> str | None:
    """Where a service answers about its health; none when it has no server."""
    if service == "api-server":
        return f"{LOOPBACK}:{os.environ.get('AIRFLOW__API__PORT', '8080')}/api/v2/monitor/health"
    if service == "scheduler":
        port = os.environ.get("AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT", "8974")
        return f"{LOOPBACK}:{port}/health"
    return None


def answers(url: str) -> bool:
    """Whether a server says OK there; proxies are not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=8) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def has_heartbeat(job_type: str) -> bool:
    """Whether a component of this host wrote its heartbeat lately."""
    command = [sys.executable, "-m", "airflow", "jobs", "check", "--job-type", job_type, "--local"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def main() -> int:
    """Entry point; its result is the exit code."""
    service = sys.argv[1] if len(sys.argv) > 1 else ""
    url = url_of(service)
    if url:
        return 0 if answers(url) else 1
    if service == "dag-processor":
        return 0 if has_heartbeat("DagProcessorJob") else 1
    sys.stderr.write("usage: health api-server|scheduler|dag-processor\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
