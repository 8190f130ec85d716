"""The promise, end to end: whatever dies in between, every document is in the cabinet exactly once, byte-identical.

Every run of the tests rings 2,000 sales over 200 deaths of the agent; KB_CAMPAIGN=long is ten times that.
SEED=N repeats a run."""
import os
import random
import threading
import time
import unittest

import house

LONG = os.environ.get("KB_CAMPAIGN") == "long"
SALES = 20000 if LONG else 2000
DEATHS = 2000 if LONG else 200
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))


class BreakCampaign(unittest.TestCase):
    def test_agent_is_killed_again_and_again_while_sales_are_rung_and_the_line_is_bad(self):
        rng = random.Random(SEED)
        print(f"[SEED={SEED}] ", end="", flush=True)
        with house.Scene() as scene:
            emulator = scene.add(house.Emulator(scene.folder, framing="v1")).up()
            cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
            # Eight times the usual speed, so that 2,000 documents pass in the time of the test; the line time is real.
            agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], device_settings="baud = 921600"))
            agent.enrol(cabinet.enrolment_code()).up()
            # A line as bad as no real one: about every tenth document meets a lost byte or a flipped bit.
            emulator.api.post("/fault", {"kind": "lost_byte", "probability": 0.0001, "count": 0, "seed": SEED})
            emulator.api.post("/fault", {"kind": "flipped_bit", "probability": 0.0001, "count": 0})
            cashier = threading.Thread(target=self.ring, args=(scene, emulator))
            cashier.start()
            deaths = 0
            while deaths < DEATHS:
                # Mostly killed while it starts, connects and compares; sometimes in the midst of its work.
                time.sleep(rng.uniform(0.02, 0.4) if rng.random() < 0.6 else rng.uniform(0.4, 1.6))
                agent.kill()
                deaths += 1
                agent.start("kkt-agent", "--config", agent.config)
                if rng.random() < 0.04:
                    cabinet.kill()
                    time.sleep(rng.uniform(0.0, 1.0))
                    cabinet.up()
            cashier.join(300)
            self.assertFalse(cashier.is_alive(), "the cashier never had to wait")
            self.assertEqual(self.rung, SALES)
            emulator.api.ask("DELETE", "/fault")
            last = len(emulator.documents())
            house.until("every document has arrived", 300,
                        lambda: cabinet.whole_documents(emulator.fn_serial()) >= last, pause=1)
            comparison = house.Comparison([emulator], cabinet)
            print(f"[{deaths} deaths; {comparison.line()}] ", end="", flush=True)
            self.assertEqual((comparison.missing, comparison.duplicated, comparison.different), (0, 0, 0))
            self.check_export(agent, emulator)

    def ring(self, scene, emulator):
        """The cashier: a connection of their own, no thought of agents."""
        api = house.Api(f"http://{emulator.control}")
        self.rung = 0
        api.post("/shift/open")
        for number in range(SALES):
            api.post("/sale", {"correction": {"type": 0, "date": "2026-03-01", "number": "1"},
                               "items": [{"name": "Чай", "price": 9900}]} if number % 50 == 49 else {})
            self.rung += 1
            if number % 500 == 499:
                api.post("/shift/close")
                api.post("/shift/open")
            time.sleep(0.05)

    def check_export(self, agent, emulator):
        """kktctl tells the same story as the FN."""
        agent.kill()
        truth = {d["fd_number"]: (d["type"], d["datetime"], d["fiscal_sign"], d["tlv_hex"]) for d in emulator.documents()}
        told = {d["fd_number"]: (d["type"], d["datetime"], d["fiscal_sign"], d["tlv_hex"]) for d in agent.exported()}
        self.assertEqual(told, truth)


if __name__ == "__main__":
    unittest.main()
