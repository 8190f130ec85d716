"""The shipped udev rules, applied by the machine's own udev to registers that libumockdev makes up."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = os.path.join(ROOT, "packaging", "udev", "70-kkt-bridge.rules")
USB = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"


def machine(vid, pid, serial, interface="00"):
    """One USB device with one serial port, in umockdev's words."""
    return f"""P: {USB}
N: bus/usb/001/007
E: DEVTYPE=usb_device
E: DRIVER=usb
E: SUBSYSTEM=usb
E: BUSNUM=001
E: DEVNUM=007
E: MAJOR=189
E: MINOR=6
E: DEVNAME=/dev/bus/usb/001/007
A: busnum=1
A: devnum=7
A: idVendor={vid}
A: idProduct={pid}
A: bcdDevice=0100
A: bDeviceClass=02
A: bNumInterfaces= 4
A: manufacturer=TEST
A: product=Register
{"A: serial=" + serial if serial else "A: speed=12"}

P: {USB}/1-1:1.0
E: DEVTYPE=usb_interface
E: DRIVER=cdc_acm
E: SUBSYSTEM=usb
A: bInterfaceClass=02
A: bInterfaceSubClass=02
A: bInterfaceProtocol=01
A: bInterfaceNumber={interface}

P: {USB}/1-1:1.0/tty/ttyACM0
N: ttyACM0
E: SUBSYSTEM=tty
E: MAJOR=166
E: MINOR=0
E: DEVNAME=/dev/ttyACM0
A: dev=166:0
L: device=../../../1-1:1.0
"""


class Applied:
    """What udev would do with the node, as `udevadm test` tells it."""

    def __init__(self, log):
        self.log = log
        ours = re.findall(r"70-kkt-bridge\.rules:\d+ (.*)", log)
        self.mode = next((word[5:] for word in reversed(ours) if word.startswith("MODE ")), None)
        self.group = any(word.startswith("GROUP ") for word in ours)
        self.links = re.findall(r"^LINK '([^']+)'$", "\n".join(ours), re.M)
        self.unexpected = [word for word in ours if not re.match(r"(MODE|GROUP|LINK) ", word)]
        self.properties = dict(re.findall(r"^([A-Z_]+)=(.*)$", log, re.M))


@unittest.skipUnless(shutil.which("umockdev-run") and shutil.which("udevadm"), "umockdev or udevadm is missing")
class Rules(unittest.TestCase):
    def apply(self, description, node, rules=RULES):
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            os.mkdir(f"{folder}/rules.d")
            os.mkdir(f"{folder}/run")
            shutil.copy(rules, f"{folder}/rules.d/70-kkt-bridge.rules")
            with open(f"{folder}/machine.umockdev", "w", encoding="utf-8") as file:
                file.write(description)
            # A mount namespace of its own: this machine's rules and udev's memory stay as they are.
            script = (f"mount --bind {folder}/rules.d /etc/udev/rules.d && mount --bind {folder}/run /run && "
                      f"exec umockdev-run -d {folder}/machine.umockdev -- udevadm test --action=add /sys{node}")
            own = [] if os.geteuid() == 0 else ["-U", "-r"]
            done = subprocess.run(["unshare", *own, "-m", "sh", "-c", script], capture_output=True, text=True, timeout=60)
            log = done.stdout + done.stderr
            self.assertIn("Reading rules file: /etc/udev/rules.d/70-kkt-bridge.rules", log)
            return Applied(log)

    def tty(self, vid, pid, serial="0042", interface="00", **more):
        return self.apply(machine(vid, pid, serial, interface), f"{USB}/1-1:1.0/tty/ttyACM0", **more)

    def usb(self, vid, pid, serial="0042"):
        return self.apply(machine(vid, pid, serial), USB)

    def test_every_register_gets_group_mode_and_a_name_by_its_serial_number(self):
        with open(RULES, encoding="utf-8") as file:
            ids = re.findall(r'ATTRS\{idVendor\}=="(\w{4})", ATTRS\{idProduct\}=="(\w{4})", ENV\{KKT_BRIDGE\}="register"',
                             file.read())
        self.assertGreaterEqual(len(ids), 4)
        for vid, pid in ids:
            with self.subTest(f"{vid}:{pid}"):
                tty = self.tty(vid, pid)
                self.assertEqual((tty.mode, tty.group, tty.links, tty.unexpected), ("0660", True, ["kkt/0042"], []))
                self.assertEqual(tty.properties.get("ID_MM_DEVICE_IGNORE"), "1")
                usb = self.usb(vid, pid)
                self.assertEqual((usb.mode, usb.group, usb.links, usb.unexpected), ("0660", True, ["kkt/usb-0042"], []))
                self.assertEqual(usb.properties.get("ID_MM_DEVICE_IGNORE"), "1")

    def test_the_second_port_of_a_composite_register_has_a_name_of_its_own(self):
        second = self.tty("2912", "0005", interface="02")
        self.assertEqual(second.links, ["kkt/0042-if02"])
        self.assertEqual(second.properties.get("ID_MM_DEVICE_IGNORE"), "1")

    def test_a_register_without_a_serial_number_gets_no_name(self):
        nameless = self.tty("1fc9", "0083", serial="")
        self.assertEqual((nameless.mode, nameless.links), ("0660", []))

    def test_a_boot_loader_is_kept_from_modem_manager_and_given_to_nobody(self):
        boot_loader = self.tty("1fc9", "0089")
        self.assertEqual(boot_loader.properties.get("ID_MM_DEVICE_IGNORE"), "1")
        self.assertEqual((boot_loader.mode, boot_loader.links), (None, []))

    def test_other_devices_stay_as_they_are(self):
        adapter = self.tty("0403", "6001")
        self.assertEqual((adapter.mode, adapter.links, adapter.unexpected), (None, [], []))
        self.assertNotIn("ID_MM_DEVICE_IGNORE", adapter.properties)

    def test_udev_s_complaints_about_a_rule_would_be_seen(self):
        with tempfile.NamedTemporaryFile("w", suffix=".rules") as broken:
            broken.write('SUBSYSTEM=="tty", NO_SUCH_KEY="1"\n')
            broken.flush()
            self.assertNotEqual(self.tty("1fc9", "0083", rules=broken.name).unexpected, [])


if __name__ == "__main__":
    unittest.main()
