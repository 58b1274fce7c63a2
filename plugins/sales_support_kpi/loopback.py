"""The loopback interface: where everything that is started on one machine listens."""

import socket

HOST = "127.0.0.1"


def free_port(preferred: int = 0) -> int:
    """`preferred` when nobody listens there, else any free port.

    Raises:
        OSError: no port is free.
    """
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on the loopback interface")
