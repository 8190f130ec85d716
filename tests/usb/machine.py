"""A small machine in QEMU with Debian's kernel, whose USB stack is real: udevd, cdc_acm, usbfs, and a hub for devices made in user
space (vhci_hcd). Without KVM too. `python3 machine.py` says what this computer lacks for it, and nothing when it has all."""
import glob
import os
import re
import shutil
import socket
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import house  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(house.ROOT, ".cache", "usb")
MODULES = ["e1000", "cdc-acm", "vhci-hcd"]
HOST = "10.0.2.2"  # this computer's loopback, as the machine sees it


class Missing(Exception):
    """What this computer lacks, and the cure."""


def need(program, package):
    path = shutil.which(program, path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    if not path:
        raise Missing(f"{program} is not installed: apt-get install {package}")
    return path


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def kernel():
    """Debian's kernel, unpacked and not installed: (folder, version). The one for clouds has no USB."""
    try:
        package = re.search(r"Depends: (linux-image-[0-9]\S+)", output("apt-cache", "depends", "linux-image-amd64")).group(1)
    except (OSError, subprocess.CalledProcessError, AttributeError) as error:
        raise Missing("apt knows no linux-image-amd64: apt-get update") from error
    version = package.removeprefix("linux-image-")
    root = os.path.join(CACHE, version)
    if not os.path.exists(os.path.join(root, "ready")):
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        done = subprocess.run(["apt-get", "download", "-q", package], cwd=root, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing(f"{package} cannot be downloaded: {done.stderr.strip()[-200:]}")
        archive = glob.glob(os.path.join(root, "*.deb"))[0]
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        os.remove(archive)
        subprocess.run([need("depmod", "kmod"), "-b", root, version], check=True, capture_output=True)
        open(os.path.join(root, "ready"), "w", encoding="utf-8").close()
    return root, version


def parts():
    """All that the machine is made of, by name; Missing when there is something that this computer has not."""
    found = {"qemu": need("qemu-system-x86_64", "qemu-system-x86"), "busybox": need("busybox", "busybox-static"),
             "udevadm": need("udevadm", "udev"), "setpriv": need("setpriv", "util-linux"),
             "modprobe": need("modprobe", "kmod"), "cpio": need("cpio", "cpio")}
    found["kernel"], found["version"] = kernel()
    return found


class Root:
    """What becomes the machine's root folder."""

    def __init__(self, folder, have):
        self.folder = folder
        self.have = have
        for name in ("bin", "sbin", "dev", "proc", "sys", "tmp", "run", "root"):
            os.makedirs(os.path.join(folder, name))
        self.program(have["busybox"], "bin/busybox")
        for applet in output(have["busybox"], "--list").split():
            if applet != "busybox":
                self.link("busybox", f"bin/{applet}")
        self.program(have["setpriv"], "usr/bin/setpriv")
        self.program(have["udevadm"], "usr/bin/udevadm")
        self.link("udevadm", "usr/bin/udevd")
        for rules in ("50-udev-default.rules", "60-serial.rules"):
            self.copy(f"/lib/udev/rules.d/{rules}", f"lib/udev/rules.d/{rules}")
        self.copy(os.path.join(HERE, "init.sh"), "init")

    def copy(self, source, target):
        target = os.path.join(self.folder, target)
        if not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.realpath(source), target)

    def link(self, to, name):
        os.symlink(to, os.path.join(self.folder, name))

    def text(self, target, content):
        target = os.path.join(self.folder, target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(content)

    def program(self, source, target):
        """With the libraries that it is linked with."""
        self.copy(source, target)
        linked = subprocess.run(["ldd", source], capture_output=True, text=True).stdout
        for library in re.findall(r"(/\S+\.so\S*)", linked):
            self.copy(library, library.lstrip("/"))

    def modules(self):
        order = []
        for module in MODULES:
            told = output(self.have["modprobe"], "-d", self.have["kernel"], "-S", self.have["version"], "--show-depends", module)
            for path in re.findall(r"^insmod (\S+)", told, re.M):
                name = os.path.basename(path)
                if name not in order:
                    order.append(name)
                    self.copy(path, f"lib/modules/{name}")
        self.text("lib/modules/order", "\n".join(order) + "\n")

    def pack(self, archive):
        subprocess.run(f"find . | cpio -o -H newc -R +0:+0 --quiet | gzip -1 > {archive}", shell=True, cwd=self.folder, check=True)


class Machine(house.Program):
    """The machine as a process. What is said on its console is its log."""

    def __init__(self, folder, log_folder, fill):
        """`fill(root)` adds what the machine is wanted for."""
        super().__init__("machine", log_folder)
        self.have = parts()
        self.archive = os.path.join(folder, "root.gz")
        root = Root(os.path.join(folder, "root"), self.have)
        fill(root)
        root.modules()
        root.pack(self.archive)
        self.port = house.free_port()

    def up(self, lives_s):
        """Whatever becomes of us, the machine ends after `lives_s`."""
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["timeout", "--kill-after=5", str(lives_s), self.have["qemu"], "-accel", "tcg", "-cpu", "qemu64", "-M", "pc", "-m", "256",
                 "-smp", "1", "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-netdev",
                 f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:23", "-device", "e1000,netdev=net,romfile=",
                 "-kernel", os.path.join(self.have["kernel"], "boot", f"vmlinuz-{self.have['version']}"),
                 "-initrd", self.archive, "-append", "console=ttyS0 quiet panic=-1 mitigations=off"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        house.until("the machine has come up", 120, lambda: self.running() and "here" in self.shell("echo here"), pause=0.5)
        return self

    def kill(self):
        if self.running():
            self.process.terminate()  # timeout(1) hands it on
        if self.process:
            self.process.wait(20)

    def shell(self, script, seconds=60):
        """What a script says in the machine, standard error included; Trouble unless it ends with 0."""
        said = b""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as line:
            line.sendall(f"exec 2>&1\n{script}\necho \"|$?\"\nexit\n".encode())
            while piece := line.recv(65536):
                said += piece
        text, _, code = said.decode(errors="replace").rstrip().rpartition("|")
        if code != "0":
            raise house.Trouble(f"in the machine: {script}: exit {code or '?'}\n{text[-2000:]}")
        return text.strip()


if __name__ == "__main__":
    try:
        parts()
    except Missing as reason:
        print(reason)
