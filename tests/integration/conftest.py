"""A PostgreSQL of the tests' own."""

import secrets

import pytest

from sales_support_kpi.loopback import free_port
from sales_support_kpi.sandbox.servers import postgres


@pytest.fixture(scope="module")
def postgres_url():
    """An empty database of a server of its own, as its administrator reaches it."""
    place = postgres.find()
    if place is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres.running(place, free_port(), "admin", secrets.token_urlsafe(12)) as url:
        yield url
