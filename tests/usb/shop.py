"""A shop for test_cables.py: the machine with the agent in it, and on this computer four registers with a cashier at each."""
import json
import os
import re
import threading
import time

import house
import machine

CONFIG = "/etc/kkt-bridge/agent.toml"
# By its path: busybox's shell would take its own, which cannot change the user.
AS_AGENT = "/usr/bin/setpriv --reuid kkt --regid kkt --groups dialout --no-new-privs"
PRELOAD = 20


class Register:
    """A virtual register on this computer, and its USB end in the machine."""

    def __init__(self, scene, number, family, model, usb, form, port):
        self.number = number
        self.usb = usb
        self.form = form
        self.port = port
        self.usb_serial = f"S000{number}"
        # What the shipped rules call the node that the agent opens.
        self.link = f"/dev/kkt/usb-{self.usb_serial}" if port.startswith("usb:") else f"/dev/kkt/{self.usb_serial}"
        self.fn = f"999900000000000{number}"
        self.line = house.free_port()
        self.emulator = scene.add(house.Emulator(
            scene.folder, f"register{number}", listen=f"tcp:127.0.0.1:{self.line}", family=family, model=model,
            extra=["--seed", str(number), "--fn-serial", self.fn, "--preload", str(PRELOAD), "--print-ms", "20"]))

    def sell(self, shop):
        """A cashier: a sale every second, no thought of agents and cables."""
        api = house.Api(f"http://{self.emulator.control}")
        api.post("/shift/open")
        while shop.selling:
            api.post("/sale", {})
            time.sleep(1)


class Shop:
    def __init__(self, scene):
        self.registers = [
            Register(scene, 1, "atol", "30f", "2912:0005", "two_acm", "auto"),
            Register(scene, 2, "shtrih", "shtrih-m-02f", "1fc9:0083", "acm", "serial:/dev/kkt/S0002"),
            Register(scene, 3, "shtrih", "nano-f", "04d9:b534", "acm", "usb:04D9:B534"),
            Register(scene, 4, "shtrih", "shtrih-m-01f", "abcd:1980", "vendor", "usb:ABCD:1980:S0004")]
        reports = os.path.join(house.ROOT, "build", "reports")
        os.makedirs(reports, exist_ok=True)
        self.machine = scene.add(machine.Machine(scene.folder, reports, self.fill))
        self.shell = self.machine.shell
        self.agent = None
        self.selling = False
        self.cashiers = [threading.Thread(target=register.sell, args=(self,), daemon=True) for register in self.registers]

    def fill(self, root):
        for program in ("kkt-agent", "kktctl", "kb_usbip_device"):
            root.program(os.path.join(house.BIN, program), f"usr/bin/{program}")
        root.copy(os.path.join(house.ROOT, "packaging", "udev", "70-kkt-bridge.rules"), "lib/udev/rules.d/70-kkt-bridge.rules")
        root.text("etc/passwd", "root:x:0:0::/root:/bin/sh\nkkt:x:1000:1000::/var/kkt:/bin/sh\n")
        groups = {"root": 0, "tty": 5, "disk": 6, "kmem": 15, "dialout": 20, "video": 44, "input": 104, "kkt": 1000}
        root.text("etc/group", "".join(f"{name}:x:{number}:\n" for name, number in groups.items()))
        root.text(CONFIG[1:], '[agent]\ndata_dir = "/var/kkt"\n' + "".join(
            f'[[device]]\nname = "{register.number}"\nport = "{register.port}"\n' for register in self.registers))

    def open(self, lives_s):
        for register in self.registers:
            register.emulator.up()
        self.machine.up(lives_s)
        self.agent = int(self.shell(
            "mkdir -p /var/kkt && chown kkt:kkt /var/kkt && chmod 700 /var/kkt\n"
            f"{AS_AGENT} kkt-agent --config {CONFIG} < /dev/null > /dev/console 2>&1 &\necho $!"))
        house.until("the agent answers", 60, self.status)
        self.selling = True
        for cashier in self.cashiers:
            cashier.start()

    def close_tills(self):
        self.selling = False
        for cashier in self.cashiers:
            cashier.join(30)

    # --- cables ------------------------------------------------------------------------------------------------

    def plug(self, usb, usb_serial, socket, form, line):
        self.shell(f"kb_usbip_device {usb} {usb_serial} {socket} {form} {machine.HOST}:{line} < /dev/null >> /tmp/cables 2>&1 &\n"
                   f"echo $! > /tmp/{usb_serial}\nsleep 0.5; udevadm settle")

    def plug_all(self, turn):
        """Each register into another socket than in the turn before, and in another order: so each tty has another name, too."""
        for i in ((0, 1, 2, 3), (1, 0, 3, 2))[turn % 2]:
            register = self.registers[i]
            self.plug(register.usb, register.usb_serial, (2 * i + turn) % 8, register.form, register.line)

    def is_plugged(self, usb_serial):
        return self.shell(f"kill -0 $(cat /tmp/{usb_serial}) 2>/dev/null && echo yes || echo no") == "yes"

    def pull(self, usb_serial):
        self.shell(f"kill $(cat /tmp/{usb_serial})")
        house.until(f"{usb_serial} is out", 30, lambda: not self.is_plugged(usb_serial))

    def cut_all(self):
        """Every cable is pulled in the middle of an answer that carries a document."""
        for register in self.registers:
            self.shell(f"kill -USR1 $(cat /tmp/{register.usb_serial})")
        for register in self.registers:
            house.until(f"register {register.number} tells a document and is cut", 60,
                        lambda register=register: not self.is_plugged(register.usb_serial), pause=0.5)

    def cables(self, usb_serial):
        """What each cable of a USB device has carried: [(heard, heard in the second function, told, cut in an answer of)]."""
        return [tuple(int(number) for number in re.findall(r"\d+", line.partition(":")[2]))
                for line in self.shell("cat /tmp/cables").splitlines() if line.startswith(usb_serial + ":")]

    # --- the agent ---------------------------------------------------------------------------------------------

    def status(self):
        devices = json.loads(self.shell("wget -q -O - http://127.0.0.1:8761/status"))["devices"]
        return [{**device["sample"], "behind": device["behind"]} for device in devices]

    def opened(self):
        return self.shell(f"for fd in /proc/{self.agent}/fd/*; do readlink $fd; done; true").splitlines()

    def descriptors(self):
        """The least of some moments: a connection to its page comes and goes."""
        return min(len(self.opened()) for _ in range(5))

    def found(self):
        """The node of each register, once the agent serves them all and has just these open."""
        nodes = self.shell("".join(f"readlink -f {register.link}\n" for register in self.registers)).splitlines()
        serves = all(device["state"] in ("ready", "busy", "reconciling") for device in self.status())
        return nodes if serves and set(nodes) <= set(self.opened()) else None

    def let_go(self):
        return not any(name.startswith(("/dev/ttyACM", "/dev/bus/usb/")) for name in self.opened())

    def caught_up(self):
        """The agent has every document of each FN, and in full."""
        return all(device["behind"] == 0 and not device["unread_documents"] and
                   device["fn"]["last_fd_number"] == len(register.emulator.documents())
                   for device, register in zip(self.status(), self.registers))

    def cpu_share(self, seconds=10):
        """Of the machine's one processor."""
        ticks = f"awk '{{ print $14 + $15 }}' /proc/{self.agent}/stat"
        before, after = self.shell(f"{ticks}\nsleep {seconds}\n{ticks}", seconds + 30).split()
        return (int(after) - int(before)) / 100 / seconds

    def exported(self):
        lines = self.shell(f"{AS_AGENT} kktctl --config {CONFIG} documents export --json", 300)
        return [json.loads(line) for line in lines.splitlines()]
