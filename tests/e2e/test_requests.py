"""Receipts on request with real processes: kktctl asks, the agent is killed, the register's FN is the judge."""
import json
import os
import random
import subprocess
import time
import unittest

import house

SALES = 12
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))


class Requests(unittest.TestCase):
    def ask(self, agent, key, price):
        receipt = {"operation": "sell", "items": [{"name": "Чай", "price": price, "quantity": 1, "vat": "none"}],
                   "payments": {"cash": price}}
        return subprocess.Popen([os.path.join(house.BIN, "kktctl"), "--config", agent.config, "--json", "receipt", "-",
                                 "--key", key, "--wait", "20"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True), json.dumps(receipt)

    def test_a_receipt_is_made_once_however_often_its_key_is_given_and_the_agent_is_killed(self):
        dice = random.Random(SEED)
        print(f"[SEED={SEED}] ", end="", flush=True)
        with house.Scene() as scene:
            emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
            cabinet = scene.add(house.Cabinet(scene.folder)).init().up()
            agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], apis=True)).up()
            house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")
            made = {}
            for sale in range(SALES):
                key, price = f"sale {sale}", f"{100 + sale}.00"
                process, receipt = self.ask(agent, key, price)
                process.stdin.write(receipt)
                process.stdin.close()
                if sale % 2:
                    try:
                        process.wait(dice.uniform(0, 0.5))
                    except subprocess.TimeoutExpired:
                        pass
                    agent.kill()
                    process.wait(60)
                    agent.up()
                else:
                    process.wait(60)
                process.stdout.close()
                process.stderr.close()

                def told():
                    again, body = self.ask(agent, key, price)
                    out, _ = again.communicate(body, timeout=60)
                    return json.loads(out) if again.returncode == 0 else None

                job = house.until(f"{key} is done", 90, told, pause=0.3)
                self.assertEqual(job["state"], "done")
                made[job["document"]["fd_number"]] = job["document"]["fiscal_sign"]
            truth = {document["fd_number"]: document["fiscal_sign"] for document in emulator.documents() if document["type"] == 3}
            self.assertEqual(len(made), SALES, "two sales were told the same document")
            self.assertEqual(truth, made)

    def test_a_paused_queue_takes_receipts_and_makes_them_when_it_goes_on(self):
        def kktctl(agent, *arguments):
            return subprocess.run([os.path.join(house.BIN, "kktctl"), "--config", agent.config, *arguments],
                                  capture_output=True, text=True, timeout=60)

        with house.Scene() as scene:
            emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
            cabinet = scene.add(house.Cabinet(scene.folder)).init().up()
            agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], apis=True)).up()
            house.until("the register is ready", 30, lambda: agent.device()["state"] == "ready")
            before = len(emulator.documents())
            paused = kktctl(agent, "job", "pause", "--reason", "меняю ленту")
            self.assertEqual(paused.returncode, 0, paused.stderr)
            waiting = kktctl(agent, "cash", "in", "100", "--key", "float", "--wait", "1")
            self.assertEqual(waiting.returncode, 6, waiting.stdout + waiting.stderr)
            self.assertIn("меняю ленту", waiting.stdout)
            process, receipt = self.ask(agent, "tea", "10.00")
            process.communicate(receipt, timeout=60)
            self.assertEqual(process.returncode, 6)
            self.assertEqual(len(emulator.documents()), before, "a paused queue printed")
            listed = kktctl(agent, "job", "ls").stdout
            self.assertIn("внесение", listed)
            self.assertIn("чек", listed)
            self.assertEqual(kktctl(agent, "job", "resume").returncode, 0)
            done = kktctl(agent, "cash", "in", "100", "--key", "float", "--wait", "30")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            process, receipt = self.ask(agent, "tea", "10.00")
            process.communicate(receipt, timeout=60)
            self.assertEqual(process.returncode, 0)
            self.assertEqual(sum(document["type"] == 3 for document in emulator.documents()), 1)


if __name__ == "__main__":
    unittest.main()
