"""Building blocks of the scenarios: programs, devices, certificates and TLS peers in a temporary folder."""
from . import peers
from .net import (PATIENCE, Closed, Device, Reset, connect, echo, free_port, half_close, hash_of_stream,
                  how_it_ends, listen, receive_all, receive_exactly, reset, send_stream, stream)
from .pki import Authority, Identity, self_signed
from .programs import SANITIZED, SOAK, Program, Tunnel, eventually
from .scenario import Scenario, main
from .terminal import Terminal
from .tls import TlsDevice, TlsPeer, parse_client_hello, tls_connect, tls_over

__all__ = [name for name in dir() if not name.startswith("_")]
