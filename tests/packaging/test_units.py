"""The shipped units are what systemd understands, and as closed as they claim to be."""
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNITS = os.path.join(ROOT, "packaging", "systemd")


def unit_text(name):
    with open(os.path.join(UNITS, name), encoding="utf-8") as file:
        return file.read()


class Units(unittest.TestCase):
    def verify(self, name):
        """systemd-analyze checks that the programs exist: let the unit name the built ones."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(unit_text(name).replace("/usr/bin/", f"{ROOT}/build/release/bin/"))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_agent_unit_passes_verify(self):
        self.verify("kkt-agent.service")

    def test_cabinet_unit_passes_verify(self):
        self.verify("kkt-cabinet.service")

    def test_units_are_hardened(self):
        # systemd's own scale: 0 is a locked room, 10 the open street; 2.0 is "OK".
        for name in ("kkt-agent.service", "kkt-cabinet.service"):
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager",
                                   os.path.join(UNITS, name)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, name + done.stdout[-300:] + done.stderr)

    def test_verify_can_fail(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kkt-broken.service")
            with open(path, "w", encoding="utf-8") as file:
                file.write("[Service]\nExecStart=/no/such/program\n")
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True,
                                  timeout=60)
            self.assertNotEqual(done.returncode, 0)
