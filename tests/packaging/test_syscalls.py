"""The agent lives within the system calls that its unit leaves it: the kernel would kill the service at the first other one."""
import ctypes
import os
import signal
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

import house  # noqa: E402  (found by the line above)

UNIT = os.path.join(ROOT, "packaging", "systemd", "kkt-agent.service")
# <seccomp.h>
KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000


def group(name):
    """The calls of systemd's group `name`, groups within it too."""
    done = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True,
                          timeout=60, check=True)
    calls = set()
    for word in (line.strip() for line in done.stdout.splitlines()[1:]):
        if word.startswith("@"):
            calls |= group(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed_by(unit):
    """As systemd.exec(5) has it: the lines in their order, the first one a list of what is allowed; @default always is."""
    allowed = group("@default")
    with open(unit, encoding="utf-8") as file:
        rules = [line.split("=", 1)[1].strip() for line in file if line.startswith("SystemCallFilter=")]
    for rule in rules:
        calls = set()
        for word in rule.removeprefix("~").split():
            calls |= group(word) if word.startswith("@") else {word}
        allowed = allowed - calls if rule.startswith("~") else allowed | calls
    return allowed


def only(calls):
    """For a child before its exec: any other call ends the process by SIGSYS."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    context = library.seccomp_init(KILL_PROCESS)
    for call in calls:
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0 and library.seccomp_rule_add(context, ALLOW, number, 0) != 0:
            raise house.Trouble(f"no rule can be made for {call}")
    return lambda: library.seccomp_load(context) == 0 or os._exit(99)


class Caged(house.Agent):
    calls = frozenset()

    def start(self, *arguments, env=None):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([os.path.join(house.BIN, arguments[0]), *arguments[1:]], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={**os.environ, **(env or {})},
                                            preexec_fn=only(self.calls))
        return self


class Calls(unittest.TestCase):
    def test_agent_sells_within_its_units_calls(self):
        with house.Scene() as scene:
            emulator = scene.add(house.Emulator(scene.folder)).up()
            cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
            agent = scene.add(Caged(scene.folder, cabinet, [emulator.port_url], apis=True))
            # SQLite hands its files to their owner when root runs it; the service has a user of its own.
            agent.calls = allowed_by(UNIT) | ({"fchown"} if os.geteuid() == 0 else set())
            agent.enrol(cabinet.enrolment_code()).up()
            house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")
            api = house.Api(f"http://127.0.0.1:{agent.api_ports['native']}", timeout=90)
            with open(os.path.join(agent.data, "api.token"), encoding="ascii") as file:
                api.headers["Authorization"] = f"Bearer {file.read().strip()}"
            api.headers["Idempotency-Key"] = "the first"
            job = api.post("/api/v1/devices/default/jobs?wait=60", {
                "kind": "receipt", "operation": "sell", "cashier": "Иванова А.А.",
                "items": [{"name": "Чай", "price": "12.50", "quantity": 2, "vat": "none"}],
                "payments": {"electronic": "25.00"}})
            self.assertEqual(job["state"], "done", job)
            house.until("the cabinet has it", 30, lambda: any(
                row["fd_number"] == job["document"]["fd_number"] for row in cabinet.list(fn=emulator.fn_serial())))
            self.assertEqual(agent.stop()[0], 0)

    def test_a_call_outside_ends_it(self):
        with house.Scene() as scene:
            agent = scene.add(Caged(scene.folder, None, []))
            agent.calls = allowed_by(UNIT) - {"socket"}
            agent.start("kkt-agent", "--config", agent.config)
            self.assertEqual(agent.process.wait(20), -signal.SIGSYS)
