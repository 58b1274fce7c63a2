"""A server takes the port asked for, or another free one."""

import socket

from sales_support_kpi.loopback import free_port


def test_a_taken_port_is_not_chosen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in {0, port}


def test_a_free_port_is_chosen_when_it_is_preferred():
    port = free_port()
    assert free_port(port) == port
