"""Commands of an owner with real processes: he asks in the cabinet, the agent is killed, the register's FN is the judge."""
import os
import random
import shutil
import time
import unittest
import uuid

import house

SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
SHIFT_CLOSE = 5
RECEIPT = 3
TEA = {"kind": "receipt", "operation": "sell", "items": [{"name": "Чай", "price": "99.00", "quantity": 1, "vat": "none"}]}


class Commands(unittest.TestCase):
    def scene(self, scene, allows):
        emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], settings="command_wait_s = 2\nretry_cap_s = 2",
                                      device_settings=f"cabinet_commands = {allows}"))
        agent.enrol(cabinet.enrolment_code()).up()
        house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")
        self.serial = agent.device()["info"]["kkt_serial"]
        self.address = f"/api/v1/registers/{self.serial}"
        house.until("the cabinet knows what the register allows", 30,
                    lambda: cabinet.api.get(f"{self.address}/commands")["agent_allows"] == allows)
        return emulator, cabinet, agent

    def send(self, cabinet, body, path="commands", key=None):
        """(status, answer)"""
        cabinet.api.headers["Idempotency-Key"] = key or str(uuid.uuid4())
        status, _, answer = cabinet.api.ask("POST", f"{self.address}/{path}", body)
        del cabinet.api.headers["Idempotency-Key"]
        return status, answer

    def sent(self, cabinet, body, path="commands"):
        status, answer = self.send(cabinet, body, path)
        self.assertEqual(status, 200, answer)
        return answer["id"]

    def ended(self, cabinet, command):
        def look():
            row = cabinet.api.get(f"{self.address}/commands/{command}")
            return row if row["state"] not in ("sent", "taken", "unanswered") else None

        return house.until(f"command {command} has ended", 90, look, pause=0.2)

    def of_type(self, emulator, kind):
        return [document for document in emulator.documents() if document["type"] == kind]

    def test_an_owner_takes_an_x_report_and_closes_the_shift_once_though_the_agent_is_killed(self):
        dice = random.Random(SEED)
        print(f"[SEED={SEED}] ", end="", flush=True)
        with house.Scene() as scene:
            emulator, cabinet, agent = self.scene(scene, ["x_report", "close_shift"])
            status, _ = self.send(cabinet, {"kind": "x_report"})
            self.assertEqual(status, 403, "sent without the owner's permission")
            cabinet.api.post(f"{self.address}/permission", {"permitted": True})
            status, _ = self.send(cabinet, TEA, "print")
            self.assertEqual(status, 403, "sent though the register does not allow it")

            emulator.open_shift()
            emulator.sale()
            report = self.ended(cabinet, self.sent(cabinet, {"kind": "x_report"}))
            self.assertEqual((report["state"], report["document"]), ("done", None))
            self.assertEqual(self.of_type(emulator, SHIFT_CLOSE), [])

            for shift in range(4):
                if shift:
                    emulator.open_shift()
                close = self.sent(cabinet, {"kind": "close_shift"})
                if shift:  # the first goes undisturbed
                    time.sleep(dice.uniform(0, 1.2))
                    agent.kill()
                    agent.up()
                done = self.ended(cabinet, close)
                self.assertEqual(done["state"], "done", done)
                closes = self.of_type(emulator, SHIFT_CLOSE)
                self.assertEqual(len(closes), shift + 1)
                self.assertEqual(done["document"], {"fn_serial": emulator.fn_serial(), "fd_number": closes[-1]["fd_number"],
                                                    "fiscal_sign": closes[-1]["fiscal_sign"]})

            again = self.ended(cabinet, self.sent(cabinet, {"kind": "close_shift"}))
            self.assertEqual((again["state"], again["code"]), ("refused", "wrong_mode"), again)
            self.assertEqual(len(self.of_type(emulator, SHIFT_CLOSE)), 4)

    def test_a_receipt_of_the_cabinet_is_made_once_though_cabinet_and_agent_go_down_on_the_way(self):
        with house.Scene() as scene:
            emulator, cabinet, agent = self.scene(scene, ["print"])
            cabinet.api.post(f"{self.address}/permission", {"permitted": True})
            agent.stop()
            status, first = self.send(cabinet, TEA, "print", key="order 1")
            self.assertEqual(status, 200, first)
            cabinet.kill()
            cabinet.up()
            status, second = self.send(cabinet, TEA, "print", key="order 1")
            self.assertEqual((status, second["id"]), (200, first["id"]), "the cabinet's customer asked twice, and got two")
            agent.up()
            house.until("the receipt is made", 60, lambda: self.of_type(emulator, RECEIPT))
            cabinet.kill()  # most likely before it has heard of it
            cabinet.up()
            done = self.ended(cabinet, first["id"])
            self.assertEqual(done["state"], "done", done)
            receipts = self.of_type(emulator, RECEIPT)
            self.assertEqual([document["fd_number"] for document in receipts], [done["document"]["fd_number"]])

    def test_a_receipt_stays_one_though_the_cabinet_is_restored_from_a_backup_that_does_not_hold_it(self):
        with house.Scene() as scene:
            emulator, cabinet, agent = self.scene(scene, ["print"])
            cabinet.api.post(f"{self.address}/permission", {"permitted": True})
            backup = os.path.join(scene.folder, "backup")
            cabinet.kill()
            shutil.copytree(cabinet.data, backup)
            cabinet.up()
            status, first = self.send(cabinet, TEA, "print", key="order 1")
            self.assertEqual(status, 200, first)
            done = self.ended(cabinet, first["id"])
            self.assertEqual(done["state"], "done", done)
            cabinet.kill()
            shutil.rmtree(cabinet.data)
            shutil.copytree(backup, cabinet.data)
            cabinet.up()
            self.assertEqual(cabinet.api.get(f"{self.address}/commands")["commands"], [], "the backup holds the command")
            status, second = self.send(cabinet, TEA, "print", key="order 1")
            self.assertEqual((status, second["id"]), (200, first["id"]))
            again = self.ended(cabinet, second["id"])
            self.assertEqual((again["state"], again["document"]), ("done", done["document"]), again)
            self.assertEqual(len(self.of_type(emulator, RECEIPT)), 1)


if __name__ == "__main__":
    unittest.main()
