#include "rpc/rpc.h"

static const struct {
	uint32_t status;
	const char *name;
} names[] = {
	{RPC_FAULT_ACCESS_DENIED,    "access denied"                  },
	{RPC_FAULT_NO_CALL_ACTIVE,   "no call active"                 },
	{RPC_FAULT_BAD_STUB,         "bad stub data"                  },
	{RPC_FAULT_SEC_PKG,          "security package error"         },
	{RPC_FAULT_OP_RANGE,         "operation number out of range"  },
	{RPC_FAULT_UNKNOWN_IF,       "unknown interface"              },
	{RPC_FAULT_PROTO_ERROR,      "protocol error"                 },
	{RPC_FAULT_OUT_ARGS_TOO_BIG, "answer too big"                 },
	{RPC_FAULT_TOO_BUSY,         "server too busy"                },
	{RPC_FAULT_CONTEXT_MISMATCH, "context handle not known"       },
	{RPC_FAULT_NO_MEMORY,        "server out of memory"           },
	{RPC_FAULT_INVALID_CONTEXT,  "invalid presentation context id"},
};

const char *rpc_fault_name(uint32_t status)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}
