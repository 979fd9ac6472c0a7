"""A real nspid (and what it needs) on loopback, for the tests: everything in a directory of its own, stopped by pid."""

import ipaddress
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("NSPID_BUILD", TOP / "build"))
PASSWORD = "correct horse battery"

# Port 135 is fixed in some clients, so an endpoint mapper may need a loopback address that nothing else has.
_addresses = itertools.count(os.getpid() % 50000 * 4 + 2)


def loopback_address():
    return str(ipaddress.IPv4Address("127.64.0.0") + next(_addresses) % 4000000)


def wait_until(condition, seconds=10, what="condition"):
    """Polls until condition() is true; its value is returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Failed(AssertionError):
    def __init__(self, command, done):
        super().__init__(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        self.done = done


class Site:
    """Makes a configuration, runs nspid on it, and drives nspictl and nspi against it."""

    READY_SECONDS = 30

    def __init__(self, book=None, users=("anna", "berta"), build=BUILD, address="127.0.0.1", epm_port=0,
                 options="", start=True):
        self.build = pathlib.Path(build)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nspid-test-"))
        self.config = self.dir / "nspid.conf"
        self.log_path = self.dir / "log"
        self.address = address
        self.epm_port = epm_port
        self.process = None
        self.write_config(options)
        try:
            if book:
                self.nspictl("import", str(book))
            for user in users:
                self.add_user(user)
            if start:
                self.start()
        except BaseException:
            self.close()
            raise

    def write_config(self, options="", listeners=None):
        """options: further text of the file; the same key there wins over what stands here by default."""
        top = {"state_dir": f'"{self.dir}/state"', "control_socket": f'"{self.dir}/control.sock"', "loops": "2",
               "templates": f'"{TOP}/data/templates"'}
        rest = []
        depth = 0
        for line in options.splitlines():
            found = re.match(r"(\w+)\s*=\s*(.*)$", line)
            if found and depth == 0:
                top[found[1]] = found[2]
            else:
                rest.append(line)
                depth += line.count("{") - line.count("}")
        if listeners is None:
            listeners = f"""
                listener "rpc" {{ service = rpc  address = "{self.address}"  port = 0 }}
                listener "rpc6" {{ service = rpc  address = "::1"  port = 0 }}
                listener "exchange" {{ service = rpc  address = "{self.address}"  port = 0  profile = exchange }}
                listener "http" {{ service = http  address = "{self.address}"  port = 0 }}
                listener "http-directory" {{ service = http  address = "{self.address}"  port = 0  profile = directory }}
                listener "https" {{ service = https  address = "{self.address}"  port = 0 }}
                listener "epm" {{ service = endpoint-mapper  address = "{self.address}"  port = {self.epm_port} }}
            """
        text = "\n".join(f"{k} = {v}" for k, v in top.items())
        listeners = re.sub(r"\s{2,}", "\n", listeners.replace("{ ", "{\n").replace(" }", "\n}"))
        self.config.write_text(f"{text}\n{listeners}\n" + "\n".join(rest) + "\n")

    # the server

    def start(self, wait=True):
        self.log_file = open(self.log_path, "ab")
        self.process = subprocess.Popen([self.build / "src/main/nspid", "-c", self.config],
                                        stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=self.log_file)
        if wait:
            wait_until(self._ready, self.READY_SECONDS, "nspid answers on its control socket")
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nspid ended with {self.process.returncode}\n{self.log()}")
        done = self.run("nspictl", "-c", self.config, "status", "--json", check=False)
        return done.returncode == 0 and self._learn(json.loads(done.stdout))

    def _learn(self, status):
        self.listeners = {l["name"]: l for l in status["listeners"]}
        return True

    def port(self, name="rpc"):
        return self.listeners[name]["port"]

    def stop(self, how=signal.SIGTERM, expect=0):
        if not self.process:
            return
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            code = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"nspid did not end within 30 s\n{self.log()}")
        finally:
            self.log_file.close()
        if how == signal.SIGTERM:
            assert code == expect, f"nspid ended with {code}\n{self.log()}"
        assert "Sanitizer" not in self.log(), self.log()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # the tools

    def run(self, program, *args, check=True, input=None, env=None, timeout=60):
        command = [self.build / "src/cli" / program, *map(str, args)]
        done = subprocess.run(command, input=input or "", capture_output=True, text=True, timeout=timeout,
                              env=dict(os.environ, **(env or {})))
        if check and done.returncode:
            raise Failed(command, done)
        return done

    def nspictl(self, *args, **options):
        return self.run("nspictl", "-c", self.config, *args, **options).stdout

    def nspictl_json(self, *args):
        return json.loads(self.nspictl(*args, "--json"))

    def nspi(self, *args, user="anna", password=PASSWORD, server=None, **options):
        server = server or f"{self.address}:{self.port()}"
        options.setdefault("env", {})["NSPI_PASSWORD"] = password
        return self.run("nspi", "-s", server, "-u", user, *args, **options)

    def nspi_popen(self, *args, user="anna", password=PASSWORD, https=False):
        """A client that goes on while the test does; the caller ends it."""
        server = ["-s", f"{self.address}:{self.port()}"]
        if https:
            server = ["--http", f"https://{self.address}:{self.port('https')}/mapi/nspi/", "--insecure"]
        command = [self.build / "src/cli/nspi", *server, "-u", user, *map(str, args)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, env=dict(os.environ, NSPI_PASSWORD=password))

    def add_user(self, name, password=PASSWORD):
        self.nspictl("user", "add", name, "--stdin", input=f"{password}\n")

    def sessions(self):
        return self.nspictl_json("sessions")


def free_port(address="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def make_book(path, entries=200, *args):
    with open(path, "w") as out:
        subprocess.run([TOP / "tools/make-sample-book", "--entries", str(entries), "--seed", "1", *args],
                       stdout=out, check=True)
    return path
