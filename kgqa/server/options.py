"""How the server is bound, and what it refuses."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.errors import UsageError, check_count, check_number
from kgqa.web import Secret

__all__ = ["ServerOptions"]


@dataclass(frozen=True)
class ServerOptions:
    """Address, key and limits of a server.

    Requests need the `key`, where there is one. `hosts` are the names by which clients may call a server, in
    addition to those of loopback; without any, one that is not bound to loopback may be called by all names.
    `deadline` is the longest wait for an answer, `body_seconds` that for a whole request, and for a client to
    take an answer, both in seconds. `body_bytes` is the size of the largest request. `runs` is the folder of
    the runs that are shown.

    Raises `UsageError` for another address than loopback without a key, unless that is meant (`keyless`).
    """

    host: str = "127.0.0.1"
    port: int = 8000
    key: Secret | None = field(default=None, repr=False)
    keyless: bool = False
    hosts: tuple[str, ...] = ()
    deadline: float = 30.0
    body_bytes: int = 2**20
    body_seconds: float = 20.0
    connections: int = 200
    runs: Path | None = None

    def __post_init__(self) -> None:
        check_number(self.port, "port", least=0, most=65535)
        check_number(self.deadline, "deadline", above=0)
        check_number(self.body_seconds, "body_seconds", above=0)
        check_count(self.body_bytes, "body_bytes")
        check_count(self.connections, "connections")
        if self.key is None and not self.keyless and not self.is_loopback:
            raise UsageError(
                f"--host {self.host}: everybody who reaches this address could ask and read; set a key "
                "(--api-key-file or KGQA_API_KEY), or say that it is meant (--no-key)"
            )

    def bind(self) -> socket.socket:
        """A socket at the address, which does not listen yet. Raises `UsageError` where none can be had."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            family, kind, protocol, _, address = found[0]
            bound = socket.socket(family, kind, protocol)
        except OSError as error:
            raise UsageError(f"--host {self.host}: no address ({error.strerror})") from error
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError as error:
            bound.close()
            raise UsageError(
                f"--port {self.port}: cannot listen at {self.host} ({error.strerror}); choose another --port"
            ) from error
        return bound

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
