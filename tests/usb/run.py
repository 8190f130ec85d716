"""The real agent on a real USB stack: four registers by their real VID:PIDs in a machine in QEMU (TCG, no KVM), cables pulled in the
middle of documents and put into other ports; at the end every document is in the journal once. ./run test usb."""
import glob
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(ROOT, ".cache", "usb")
BIN = os.environ.get("KB_BIN", os.path.join(ROOT, "build", "release", "bin"))
LIMIT_S = int(os.environ.get("LIMIT", "900"))
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "cdc-acm", "vhci-hcd"]
CONFIG = """[agent]
data_dir = "/var/kkt"
log_level = "debug"
[[device]]
name = "a"
port = "auto"
[[device]]
name = "b"
port = "serial:/dev/kkt/S0002"
[[device]]
name = "c"
port = "usb:04D9:B534"
[[device]]
name = "d"
port = "usb:ABCD:1980:S0004"
"""


class Skipped(Exception):
    """What this machine lacks."""


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def need(program, package):
    path = shutil.which(program, path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    if not path:
        raise Skipped(f"{program} is missing: apt-get install {package}")
    return path


def kernel():
    """Debian's kernel, unpacked and not installed: (folder, version). The cloud kernel has no USB."""
    os.makedirs(CACHE, exist_ok=True)
    try:
        package = re.search(r"Depends: (linux-image-[0-9]\S+)", output("apt-cache", "depends", "linux-image-amd64")).group(1)
    except (OSError, subprocess.CalledProcessError, AttributeError) as error:
        raise Skipped("apt knows no linux-image-amd64") from error
    version = package.removeprefix("linux-image-")
    root = os.path.join(CACHE, version)
    if not os.path.exists(os.path.join(root, "ready")):
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        try:
            subprocess.run(["apt-get", "download", "-q", package], cwd=root, check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            raise Skipped(f"{package} cannot be downloaded: {error.stderr.decode()[-200:]}") from error
        archive = glob.glob(os.path.join(root, "*.deb"))[0]
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        os.remove(archive)
        subprocess.run([need("depmod", "kmod"), "-b", root, version], check=True, capture_output=True)
        open(os.path.join(root, "ready"), "w", encoding="utf-8").close()
    return root, version


class Tree:
    """What becomes the guest's root folder."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("bin", "sbin", "dev", "proc", "sys", "tmp", "run", "etc/udev", "lib/modules", "lib/udev/rules.d", "usr/bin", "var", "root"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)

    def text(self, path, content):
        with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
            file.write(content)

    def program(self, source, target):
        """With the libraries that it is linked with."""
        self.copy(source, target)
        linked = subprocess.run(["ldd", source], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(/\S+\.so\S*)", linked):
            self.copy(library, library.lstrip("/"))

    def copy(self, source, target):
        target = os.path.join(self.folder, target)
        if not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.realpath(source), target)

    def modules(self, root, version):
        order = []
        for module in MODULES:
            told = output(need("modprobe", "kmod"), "-d", root, "-S", version, "--show-depends", module)
            for path in re.findall(r"^insmod (\S+)", told, re.M):
                name = os.path.basename(path)
                if name not in order:
                    order.append(name)
                    self.copy(path, f"lib/modules/{name}")
        self.text("mods", "\n".join(order) + "\n")

    def pack(self, archive):
        subprocess.run(f"find . | cpio -o -H newc --quiet | gzip -1 > {archive}", shell=True, cwd=self.folder, check=True)


def initrd(folder, root, version, rounds):
    tree = Tree(os.path.join(folder, "root"))
    busybox = need("busybox", "busybox-static")
    tree.program(busybox, "bin/busybox")
    for applet in output(busybox, "--list").split():
        if applet != "busybox":
            os.symlink("busybox", os.path.join(tree.folder, "bin", applet))
    os.remove(os.path.join(tree.folder, "bin", "setpriv")) if os.path.lexists(os.path.join(tree.folder, "bin", "setpriv")) else None
    tree.program(need("setpriv", "util-linux"), "usr/bin/setpriv")
    udevadm = need("udevadm", "udev")
    tree.program(udevadm, "bin/udevadm")
    os.symlink("udevadm", os.path.join(tree.folder, "bin", "udevd")) if not os.path.lexists(os.path.join(tree.folder, "bin", "udevd")) else None
    os.symlink("udevadm", os.path.join(tree.folder, "bin", "systemd-udevd"))
    for rules in ("50-udev-default.rules", "60-serial.rules"):
        tree.copy(f"/lib/udev/rules.d/{rules}", f"lib/udev/rules.d/{rules}")
    tree.copy(os.path.join(ROOT, "packaging", "udev", "70-kkt-bridge.rules"), "lib/udev/rules.d/70-kkt-bridge.rules")
    tree.text("etc/passwd", "root:x:0:0::/root:/bin/sh\nkkt:x:1000:1000::/var/kkt:/bin/sh\n")
    groups = {"root": 0, "tty": 5, "disk": 6, "kmem": 15, "dialout": 20, "video": 44, "input": 104, "kkt": 1000}
    tree.text("etc/group", "".join(f"{name}:x:{number}:\n" for name, number in groups.items()))
    tree.text("etc/agent.toml", CONFIG)
    for program in ("kkt-agent", "kkt-emulator", "kktctl"):
        tree.program(os.path.join(BIN, program), f"usr/bin/{program}")
    device = os.path.join(folder, "usbip_device")
    subprocess.run(["g++", "-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-o", device, os.path.join(HERE, "usbip_device.cpp")], check=True)
    tree.program(device, "usr/bin/usbip_device")
    with open(os.path.join(HERE, "guest.sh"), encoding="utf-8") as file:
        tree.text("init", file.read().replace("${ROUNDS:-3}", str(rounds)))
    os.chmod(os.path.join(tree.folder, "init"), 0o755)
    tree.modules(root, version)
    archive = os.path.join(folder, "initrd.gz")
    tree.pack(archive)
    return archive


def documents(shared, number):
    """[fd_number, ...] that the FN of an emulator holds."""
    with open(os.path.join(shared, f"documents{number}.json"), encoding="utf-8") as file:
        return [document["fd_number"] for document in json.load(file)]


def caught_up(shared):
    """The agent says that nothing is behind, and of every register as many documents as its FN holds."""
    try:
        with open(os.path.join(shared, "status.json"), encoding="utf-8") as file:
            devices = json.load(file)["devices"]
        last = {device["sample"]["fn"]["fn_serial"]: device["sample"]["fn"]["last_fd_number"] for device in devices}
        return (all(device["behind"] == 0 for device in devices) and
                all(last.get(f"999900000000000{n}") == len(documents(shared, n)) for n in (1, 2, 3, 4)))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def compare(shared):
    """What is wrong at the end, as lines."""
    wrong = []
    with sqlite3.connect(glob.glob(os.path.join(shared, "journal", "*.db"))[0]) as journal:
        for n in (1, 2, 3, 4):
            serial = f"999900000000000{n}"
            rows = [row[0] for row in journal.execute("SELECT fd_number FROM document WHERE fn_serial = ? ORDER BY 1", (serial,))]
            held = documents(shared, n)
            print(f"   register {n}: {len(held)} documents in the FN, {len(rows)} in the journal")
            if rows != held:
                wrong.append(f"register {n}: missing {sorted(set(held) - set(rows))}, extra {sorted(set(rows) - set(held))}, "
                             f"doubled {len(rows) - len(set(rows))}")
            if len(held) <= 61:
                wrong.append(f"register {n}: it has sold nothing")
        strangers = journal.execute("SELECT count(*) FROM document WHERE fn_serial NOT LIKE '999900000000000_'").fetchone()[0]
        if strangers:
            wrong.append(f"{strangers} documents of an FN that is none of the four")
    with open(os.path.join(shared, "status-loader.json"), encoding="utf-8") as file:
        b = next(device for device in json.load(file)["devices"] if device["name"] == "b")
    if b["sample"]["state_reason"] != "in_boot_loader":
        wrong.append(f"with its boot loader plugged in, register b is {b['sample']['state']} ({b['sample']['state_reason']})")
    return wrong


def main(report):
    checks = []  # (name, None or what is wrong)
    folder = tempfile.mkdtemp(prefix="kkt-usb-")
    shared = os.path.join(folder, "shared")
    os.makedirs(os.path.join(shared, "journal"))
    qemu = need("qemu-system-x86_64", "qemu-system-x86")
    root, version = kernel()
    archive = initrd(folder, root, version, int(os.environ.get("ROUNDS", "3")))
    command = [qemu, "-accel", "tcg", "-cpu", "qemu64", "-M", "pc", "-m", "512", "-smp", "1", "-nodefaults", "-display", "none", "-no-reboot",
               "-serial", "stdio", "-kernel", os.path.join(root, "boot", f"vmlinuz-{version}"), "-initrd", archive,
               "-virtfs", f"local,path={shared},mount_tag=host,security_model=none",
               "-append", "console=ttyS0 quiet panic=-1 mitigations=off"]
    print(f"   logs and results: {folder}", flush=True)
    log_path = os.path.join(folder, "console.log")
    with open(log_path, "wb") as log:
        guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + LIMIT_S
        told = 0
        try:
            while guest.poll() is None and time.monotonic() < end:
                time.sleep(0.5)
                with open(log_path, encoding="utf-8", errors="replace") as console:
                    lines = console.read().splitlines()
                for line in lines[told:]:
                    print("   | " + line, flush=True)
                told = len(lines)
                if caught_up(shared):
                    open(os.path.join(shared, "done"), "w", encoding="utf-8").close()
        finally:
            guest.kill()
            guest.wait()
    with open(log_path, encoding="utf-8", errors="replace") as console:
        text = console.read()
    for step in ("found", "round 1: every cable cut in mid-byte", "round 1: found again", "back from the boot loader", "end"):
        checks.append((f"the guest came to: {step}", None if f"STEP {step}" in text else "it did not"))
    checks.append(("nothing in the guest failed", "; ".join(re.findall(r"FAIL: .*", text)) or None))
    for what, cpu in re.findall(r"IDLE (.*): (\d+) hundredths", text):
        # An emulated processor is some twenty times slower than one of a shop's PC.
        checks.append((f"idle costs little: {what}", None if int(cpu) <= 100 else f"{cpu} hundredths of a second in 5 s"))
    try:
        wrong = compare(shared)
    except (OSError, ValueError, IndexError, sqlite3.Error, StopIteration) as error:
        wrong = [f"cannot compare: {error!r}"]
    checks.append(("every document of every register is in the journal, once", "; ".join(wrong) or None))
    for name, trouble in checks:
        print(f"   {name} ... " + (f"FAILED: {trouble}" if trouble else "ok"), flush=True)
    failed = sum(1 for _, trouble in checks if trouble)
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"passed": len(checks) - failed, "failed": failed}, file)
    if not failed:
        shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Skipped as reason:
        print(f"   skipped: {reason}", flush=True)
        sys.exit(77)
