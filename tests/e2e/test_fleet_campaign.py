"""Registers of four makers on one agent, cables pulled and put into each other's ports while sales are rung: nothing is
lost, nothing doubled, and the agent grows neither descriptors nor memory.

Every run of the tests rings 800 sales; KB_CAMPAIGN=long rings 5,000. SEED=N repeats a run."""
import os
import random
import threading
import time
import unittest

import house

LONG = os.environ.get("KB_CAMPAIGN") == "long"
SALES = 5000 if LONG else 800
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))

MAKERS = [("shtrih", "shtrih-m-02f", "v1"), ("elves", "elves-mf", "v1"), ("retail", "retail-01f", "v1"),
          ("atol", "30f", "v2")]
# By the agent's own process; what a library keeps for its threads is not a leak, what grows with each cable is.
DESCRIPTORS = 8
MEMORY_MIB = 6


class Sockets:
    """The shop PC's ports: a name each, and a register's line behind it that can be another one tomorrow."""

    def __init__(self, folder, emulators):
        self.names = [os.path.join(folder, f"port{number}") for number, _ in enumerate(emulators)]
        self.behind = list(emulators)
        self.plug()

    def plug(self):
        for name, emulator in zip(self.names, self.behind):
            fresh = name + ".new"
            os.symlink(emulator.listen.partition(":")[2], fresh)
            os.replace(fresh, name)

    def exchange(self, one, other):
        """Both cables out, each into the other's port."""
        first, second = self.behind[one], self.behind[other]
        first.cable(False)
        second.cable(False)
        self.behind[one], self.behind[other] = second, first
        self.plug()
        first.cable(True)
        second.cable(True)


class FleetCampaign(unittest.TestCase):
    def test_four_makers_on_one_agent_lose_nothing_while_cables_are_pulled_and_exchanged(self):
        rng = random.Random(SEED)
        print(f"[SEED={SEED}] ", end="", flush=True)
        with house.Scene() as scene:
            emulators = [scene.add(house.Emulator(scene.folder, name=f"register{number}", family=family, model=model,
                                                  framing=framing, extra=["--seed", str(SEED + number), "--print-ms", "5"])).up()
                         for number, (family, model, framing) in enumerate(MAKERS)]
            sockets = Sockets(scene.folder, emulators)
            cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
            agent = scene.add(house.Agent(scene.folder, cabinet, [f"serial:{name}" for name in sockets.names],
                                          device_settings="baud = 921600"))
            agent.enrol(cabinet.enrolment_code()).up()
            self.settle(emulators, cabinet)
            before = self.descriptors(agent), house.rss_mib(agent.pid)

            self.rung = [0] * len(emulators)
            cashiers = [threading.Thread(target=self.ring, args=(number, emulator))
                        for number, emulator in enumerate(emulators)]
            for cashier in cashiers:
                cashier.start()
            moves = 0
            while any(cashier.is_alive() for cashier in cashiers):
                time.sleep(rng.uniform(0.2, 2.5))
                one, other = rng.sample(range(len(emulators)), 2)
                if rng.random() < 0.5:
                    sockets.exchange(one, other)
                else:
                    sockets.behind[one].cable(False)
                    time.sleep(rng.uniform(0.0, 1.0))
                    sockets.behind[one].cable(True)
                moves += 1
            for cashier in cashiers:
                cashier.join()
            self.assertEqual(sum(self.rung), SALES)

            self.settle(emulators, cabinet)
            comparison = house.Comparison(emulators, cabinet)
            after = self.descriptors(agent), house.rss_mib(agent.pid)
            print(f"[{moves} cables; {comparison.line()}; descriptors {before[0]}..{after[0]}, "
                  f"memory {before[1]:.1f}..{after[1]:.1f} MiB] ", end="", flush=True)
            self.assertEqual((comparison.missing, comparison.duplicated, comparison.different), (0, 0, 0))
            self.assertLessEqual(after[0], before[0] + DESCRIPTORS)
            self.assertLessEqual(after[1], before[1] + MEMORY_MIB)

    def ring(self, number, emulator):
        """One till's cashier: a connection of their own, no thought of agents."""
        api = house.Api(f"http://{emulator.control}")
        api.post("/shift/open")
        while self.rung[number] < SALES // len(MAKERS):
            api.post("/sale")
            self.rung[number] += 1
            time.sleep(0.06)
        api.post("/shift/close")

    def settle(self, emulators, cabinet):
        for emulator in emulators:
            last = len(emulator.documents())
            house.until(f"the cabinet has every document of {emulator.name}", 300,
                        lambda: cabinet.whole_documents(emulator.fn_serial()) >= last, pause=0.5)

    def descriptors(self, agent):
        return len(os.listdir(f"/proc/{agent.pid}/fd"))


if __name__ == "__main__":
    unittest.main()
