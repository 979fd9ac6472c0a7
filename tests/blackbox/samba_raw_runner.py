#!/usr/bin/python3
"""Runs Samba's packaged raw-protocol tests (samba.tests.dcerpc.raw_protocol) against a server that is no domain controller.

    samba_raw_runner.py --host 127.64.0.2 --port 135 --user anna --password-env NAME [--list] [TEST ...]

The tests are Samba's, unchanged; only where they reach for something that an address book server has not is pointed elsewhere:
the endpoint mapper's port, and netlogon's ServerReqChallenge, for which mgmt's inq_stats stands in (asked for no statistics, it
answers with 12 bytes and a status too). Prints "ok NAME", "failed NAME" with the traceback, and a last line of totals.
"""

import argparse
import os
import sys
import tempfile
import unittest


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", default="135", help="three digits, as some tests expect (%(default)s)")
    parser.add_argument("--user", required=True)
    parser.add_argument("--domain", default="TESTS")
    parser.add_argument("--password-env", default="NSPI_PASSWORD", help="variable with the password (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print the names of all tests")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    return parser.parse_args()


def environment(args, directory):
    config = os.path.join(directory, "smb.conf")
    with open(config, "w") as out:
        out.write(f"[global]\nworkgroup = {args.domain}\nprivate dir = {directory}\nlock dir = {directory}\n"
                  f"state directory = {directory}\ncache directory = {directory}\n"
                  "client ipc signing = if_required\nntlm auth = ntlmv2-only\n")
    os.environ.update(SMB_CONF_PATH=config, SERVER=args.host, TARGET_HOSTNAME=args.host, DOMAIN=args.domain,
                      REALM=f"{args.domain}.EXAMPLE", USERNAME=args.user, IGNORE_RANDOM_PAD="1",
                      PASSWORD=os.environ.get(args.password_env, ""))


def load(args):
    import samba.dcerpc.base as base
    import samba.dcerpc.mgmt as mgmt
    from samba.tests.dcerpc import raw_protocol, raw_testcase

    netlogon_challenge, inq_stats = 4, 1

    class Case(raw_protocol.TestDCERPC_BIND):
        def connect(self):
            if self.primary_address == "135":
                self.primary_address = args.port
            super().connect()

        def _get_netlogon_ctx(self):
            ctx, ack = self.prepare_presentation(mgmt.abstract_syntax(), base.transfer_syntax_ndr(), context_id=0,
                                                 return_ack=True)
            self.stands_in_for_netlogon = True
            return ctx, ack, b"\0" * 8

        def generate_request(self, **fields):
            if getattr(self, "stands_in_for_netlogon", False) and fields.get("opnum") == netlogon_challenge:
                fields["opnum"] = inq_stats
            return super().generate_request(**fields)

    Case.__name__ = Case.__qualname__ = "raw_protocol"
    raw_testcase.RawDCERPCTest.maxDiff = None
    return Case


class Result(unittest.TestResult):
    def addSuccess(self, test):
        print(f"ok {test._testMethodName}", flush=True)

    def say(self, word, test, err):
        print(f"{word} {test._testMethodName}\n{self._exc_info_to_string(err, test)}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("failed", test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.say("failed", test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped {test._testMethodName}: {reason}", flush=True)


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="samba-raw-") as directory:
        environment(args, directory)
        case = load(args)
        names = unittest.TestLoader().getTestCaseNames(case)
        if args.list:
            print("\n".join(names))
            return
        result = Result()
        unittest.TestSuite(case(name) for name in args.tests or names).run(result)
        bad = len(result.failures) + len(result.errors)
        print(f"{result.testsRun - bad - len(result.skipped)} ok, {bad} failed, {len(result.skipped)} skipped")
        sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
