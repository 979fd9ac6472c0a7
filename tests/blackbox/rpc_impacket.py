"""impacket as the DCE/RPC client: connections to a site, and the operations of nspi_wire over them."""

import struct

from impacket import uuid
from impacket.dcerpc.v5 import epm, rpcrt, transport

from nspi_wire import NSPI_UUID, Fault, Nspi
from site_nspid import PASSWORD

LEVELS = {
    "none": None,
    "connect": rpcrt.RPC_C_AUTHN_LEVEL_CONNECT,
    "integrity": rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
    "privacy": rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
}


class Connection:
    """One TCP connection, bound to an interface."""

    def __init__(self, site, level="integrity", user="anna", password=PASSWORD, domain="", listener="rpc",
                 address=None, port=None, interface=NSPI_UUID, bind=True):
        port = port or site.port(listener)
        rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address or site.address}[{port}]")
        rpc.set_connect_timeout(20)
        if LEVELS[level]:
            rpc.set_credentials(user, password, domain)
        self.dce = rpc.get_dce_rpc()
        if LEVELS[level]:
            self.dce.set_auth_level(LEVELS[level])
        self.dce.connect()
        if bind:
            self.dce.bind(uuid.uuidtup_to_bin(interface))

    def call(self, opnum, stub):
        self.dce.call(opnum, stub)
        try:
            return self.dce.recv()
        except rpcrt.DCERPCException as e:
            raise Fault(e.get_error_code() or fault_code(str(e))) from None

    def close(self):
        self.dce.disconnect()


def fault_code(text):
    """impacket knows some faults by name alone."""
    for code, name in rpcrt.rpc_status_codes.items():
        if name in text:
            return code
    raise AssertionError(f"unknown fault: {text}")


class Client(Nspi):
    """A connection with one NSPI session on it."""

    def __init__(self, site, bind=True, **options):
        self.connection = Connection(site, **options)
        super().__init__(self.connection)
        if bind:
            answer = self.bind()
            assert answer.status == 0, f"NspiBind: {answer.status:#x}"

    def another(self):
        """A further session on the same connection."""
        other = Nspi(self.connection)
        answer = other.bind()
        other.status, other.guid = answer.status, answer.guid
        return other

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def map_endpoint(site):
    """The port that the endpoint mapper tells for NSPI."""
    rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{site.address}[{site.port('epm')}]")
    dce = rpc.get_dce_rpc()
    dce.connect()
    binding = epm.hept_map(site.address, uuid.uuidtup_to_bin(NSPI_UUID), protocol="ncacn_ip_tcp", dce=dce)
    dce.disconnect()
    return int(binding.split("[")[1].rstrip("]"))


def context_handle(data):
    return struct.unpack("<I16s", data)
