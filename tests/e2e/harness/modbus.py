"""A Modbus/TCP device that uses libmodbus, run as a separate program: python3 modbus.py LIBRARY."""
import ctypes
import socket
import sys

REGISTERS = [1000 + 7 * number for number in range(64)]


class Mapping(ctypes.Structure):
    """modbus_mapping_t: the device's tables."""

    _fields_ = [(name, ctypes.c_int) for name in (
        "nb_bits", "start_bits", "nb_input_bits", "start_input_bits", "nb_input_registers", "start_input_registers",
        "nb_registers", "start_registers")] + [
        ("tab_bits", ctypes.c_void_p), ("tab_input_bits", ctypes.c_void_p),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)), ("tab_registers", ctypes.POINTER(ctypes.c_uint16))]


def serve(library):
    """Serves one client after another; prints the port on stdout."""
    modbus = ctypes.CDLL(library, use_errno=True)
    modbus.modbus_new_tcp.restype = ctypes.c_void_p
    modbus.modbus_mapping_new.restype = ctypes.POINTER(Mapping)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"port {listener.getsockname()[1]}", flush=True)
    context = ctypes.c_void_p(modbus.modbus_new_tcp(b"127.0.0.1", 1502))
    mapping = modbus.modbus_mapping_new(0, 0, len(REGISTERS), 0)
    for number, value in enumerate(REGISTERS):
        mapping.contents.tab_registers[number] = value
    query = (ctypes.c_uint8 * 260)()
    while True:
        client, _ = listener.accept()
        modbus.modbus_set_socket(context, client.fileno())
        while (size := modbus.modbus_receive(context, query)) >= 0:
            modbus.modbus_reply(context, query, size, mapping)
        client.close()


if __name__ == "__main__":
    serve(sys.argv[1])
