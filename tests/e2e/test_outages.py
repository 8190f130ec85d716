"""One part away at a time: nothing lost, nothing doubled, and the states say what is wrong."""
import datetime
import glob
import json
import os
import sqlite3
import time
import unittest

import house


class Outages(unittest.TestCase):
    def setUp(self):
        self.scene = house.Scene()
        self.addCleanup(self.scene.__exit__, None, None, None)

    def shop(self, listen=None, framing="v1", model="shtrih-m-02f", settings="", device_settings="", extra=()):
        scene = self.scene
        self.emulator = scene.add(house.Emulator(scene.folder, listen=listen, framing=framing, model=model, extra=extra)).up()
        self.cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        self.agent = scene.add(house.Agent(scene.folder, self.cabinet, [self.emulator.port_url], settings=settings,
                                           device_settings=device_settings))
        self.agent.enrol(self.cabinet.enrolment_code()).up()

    def all_arrived(self, seconds=60):
        last = len(self.emulator.documents())
        serial = self.emulator.fn_serial()
        house.until("every document has arrived", seconds,
                    lambda: self.cabinet.whole_documents(serial) >= last, pause=0.2)
        comparison = house.Comparison([self.emulator], self.cabinet)
        self.assertTrue(comparison.whole(), comparison.line())

    def ring(self, count):
        for _ in range(count):
            self.emulator.sale()

    def test_cabinet_away_until_the_retry_interval_reaches_its_cap(self):
        self.shop(settings="retry_cap_s = 2")
        self.emulator.open_shift()
        self.ring(3)
        self.all_arrived()
        self.cabinet.kill()
        self.ring(10)
        started = time.time()

        def capped():
            """The next try lies a cap away: full jitter draws from 0 to the cap, so look until it is drawn near it."""
            retry_at = self.agent.sync()["retry_at"]
            wait = (datetime.datetime.fromisoformat(retry_at.replace("Z", "+00:00")).timestamp() - time.time()
                    if retry_at else 0)
            return wait > 1.5 and time.time() > started + 5

        house.until("the retry interval is at its cap", 60, capped, pause=0.05)
        self.ring(5)
        self.cabinet.up()
        self.all_arrived()

    def test_register_over_tcp_v2(self):
        self.shop(listen=f"tcp:127.0.0.1:{house.free_port()}", framing="v2", model="smartpos-f")
        self.emulator.open_shift()
        self.ring(5)
        self.emulator.close_shift()
        self.all_arrived()

    def test_register_over_tcp_v1_with_stray_bytes(self):
        self.shop(listen=f"tcp:127.0.0.1:{house.free_port()}", framing="v1", extra=["--stray-ff"])
        self.emulator.open_shift()
        self.ring(5)
        self.all_arrived()

    def test_register_loses_power_and_comes_back(self):
        self.shop()
        self.emulator.open_shift()
        self.ring(3)
        self.emulator.kill()
        house.until("the agent says that the port is lost", 20,
                    lambda: self.agent.device()["state"] in ("absent", "connecting"))
        self.emulator.up()
        self.ring(3)
        self.all_arrived()

    def test_replaced_fn_starts_a_new_range_under_the_same_register(self):
        self.shop()
        self.emulator.open_shift()
        self.ring(3)
        self.emulator.close_shift()
        self.all_arrived()
        old = self.emulator.fn_serial()
        self.emulator.api.post("/fn", {"action": "replace"})
        self.emulator.open_shift()
        self.ring(3)
        self.assertNotEqual(self.emulator.fn_serial(), old)
        self.all_arrived()
        # open, 3 sales, close and the registration that began it all
        self.assertEqual(sum(1 for _ in self.cabinet.list(fn=old)), 6)

    def test_old_documents_without_bodies_come_as_short_records(self):
        self.shop()
        self.emulator.open_shift()
        self.ring(4)
        self.agent.kill()
        self.emulator.api.post("/fn", {"action": "forget_bodies"})
        # A PC that never saw these documents: a new journal, a new cabinet.
        cabinet = self.scene.add(house.Cabinet(self.scene.folder, "cabinet2")).init().up().log_in()
        agent = self.scene.add(house.Agent(self.scene.folder, cabinet, [self.emulator.port_url], name="agent2"))
        agent.enrol(cabinet.enrolment_code()).up()
        serial = self.emulator.fn_serial()
        house.until("all are there", 30, lambda: sum(1 for _ in cabinet.list(fn=serial)) == 6)
        self.assertEqual({row["form"] for row in cabinet.list(fn=serial)}, {"short"})

    def test_sigterm_ends_the_agent_within_five_seconds_while_the_cabinet_hangs(self):
        self.shop()
        self.emulator.open_shift()
        self.cabinet.process.send_signal(19)  # SIGSTOP: takes connections, answers nothing
        self.ring(5)
        time.sleep(1)
        code, seconds = self.agent.stop()
        self.cabinet.process.send_signal(18)
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)

    def test_damaged_journal_is_set_aside_and_filled_again_from_the_fn(self):
        self.shop()
        self.emulator.open_shift()
        self.ring(5)
        self.all_arrived()
        self.agent.kill()
        journals = [path for path in glob.glob(self.agent.data + "/*.db")]
        self.assertEqual(len(journals), 1)
        with open(journals[0], "r+b") as file:
            file.write(b"this is not a database any more")
        for leftover in glob.glob(self.agent.data + "/*.db-*"):
            os.remove(leftover)
        self.ring(3)
        self.agent.up()
        self.all_arrived()
        self.assertEqual(len(self.agent.exported()), len(self.emulator.documents()))
        self.assertTrue(glob.glob(self.agent.data + "/*damaged*"))

    def test_a_wrong_document_is_set_aside_with_its_reason_and_stops_nothing_else(self):
        self.shop()
        self.emulator.open_shift()
        self.ring(4)
        self.all_arrived()
        serial = self.emulator.fn_serial()
        # The cabinet holds something else under this number; a PC with a new journal sends everything again.
        self.agent.kill()
        self.cabinet.stop()
        with sqlite3.connect(self.cabinet.data + "/cabinet.db") as store:
            store.execute("UPDATE document SET raw = x'0300' WHERE fn_serial = ? AND fd_number = 3", (serial,))
        store.close()
        for file in glob.glob(self.agent.data + "/journal.db*"):
            os.remove(file)
        self.cabinet.up()
        self.agent.up()
        shown = house.until("the cabinet shows it", 60, lambda: self.cabinet.api.get("/api/v1/rejected")["rejected"])
        self.assertEqual([(row["fn_serial"], row["fd_number"], row["code"], row["rejected_by"]) for row in shown],
                         [(serial, 3, "conflict", "cabinet")])
        self.assertTrue(shown[0]["reason"])

        def queue():
            told = json.loads(house.run("kktctl", "--config", self.agent.config, "queue", "ls", "--json"))
            return told if told["rejected"] and not told["unsent"] else None

        told = house.until("everything else is sent", 60, queue, pause=0.3)
        self.assertEqual([(row["fn_serial"], row["fd_number"], row["code"]) for row in told["rejected"]],
                         [(serial, 3, "conflict")])
        self.assertEqual(told["rejected"][0]["reason"], shown[0]["reason"])
        self.ring(3)
        last = len(self.emulator.documents())
        house.until("new sales arrive", 60, lambda: self.cabinet.whole_documents(serial) >= last, pause=0.2)
        self.assertEqual(house.Comparison([self.emulator], self.cabinet).different, 1)

    def test_paper_that_runs_out_in_mid_print_hides_no_document(self):
        self.shop(extra=["--print-ms", "4000"])
        self.emulator.open_shift()
        self.all_arrived()
        number = self.emulator.sale()["fd_number"]
        self.emulator.api.post("/paper", {"present": False})

        def waits(reason):
            device = self.agent.device()
            return device["state_reason"] == reason and device.get("unread_documents") == 1

        def doctor(check):
            told = json.loads(house.run("kktctl", "--config", self.agent.config, "doctor", "--json", check=False))
            return next(row for row in told["verdicts"] if row["check"] == check)

        house.until("the agent tells what it cannot read, and why", 30, lambda: waits("no_paper"))
        serial = self.emulator.fn_serial()
        house.until("the sale is in the cabinet by its record", 30,
                    lambda: any(row["fd_number"] == number and row["form"] == "short" for row in self.cabinet.list(fn=serial)))
        self.emulator.api.post("/paper", {"present": True})
        house.until("the agent tells that \"continue\" is wanted", 30, lambda: waits("waits_for_continue"))
        self.assertIn("продолжения печати", doctor("fn")["cause"])
        self.assertIn("продолжить печать", doctor("fn")["cure"])
        status = house.run("kktctl", "--config", self.agent.config, "status")
        self.assertIn("ещё не прочитано полностью документов: 1", status)
        self.emulator.api.post("/paper", {"continue": True})
        self.all_arrived()
        house.until("nothing waits any more", 30, lambda: self.agent.device()["state_reason"] == "")

    def test_doctor_tells_what_is_wrong_and_what_to_do(self):
        self.shop(device_settings="sample_every_s = 1")
        self.emulator.open_shift()
        self.all_arrived()  # so that nothing is being printed when the paper goes
        self.emulator.api.post("/sd", {"state": "missing"})
        self.emulator.api.post("/paper", {"present": False})

        def doctor():
            told = json.loads(house.run("kktctl", "--config", self.agent.config, "doctor", "--json", check=False))
            return {row["check"]: row for row in told["verdicts"]}

        def both_missing():
            found = doctor()
            return found if (found["sd"]["verdict"], found["register"]["verdict"]) == ("warning", "problem") else None

        rows = house.until("doctor sees the missing card and the missing paper", 30, both_missing, pause=0.3)
        self.assertIn("SD-карты нет", rows["sd"]["found"])
        self.assertIn("архива", rows["sd"]["cause"])
        self.assertIn("замените карту памяти", rows["sd"]["cure"])
        self.assertIn("нет бумаги", rows["register"]["cause"])
        self.assertIn("вставьте чековую ленту", rows["register"]["cure"])
        self.assertEqual(rows["port"]["verdict"], "ok")
        self.assertIn("full_documents", rows["abilities"]["works"])
        self.assertIn("sd_card", rows["abilities"]["works"])  # it tells that there is none
        self.emulator.cable(False)

        def gone():
            found = doctor()
            return found if found["port"]["verdict"] == "problem" else None

        rows = house.until("doctor sees the missing register", 30, gone, pause=0.3)
        for row in rows.values():
            if row["verdict"] in ("problem", "warning"):
                self.assertTrue(row["cause"] and row["cure"], row)


if __name__ == "__main__":
    unittest.main()
