"""Four registers of two makers by their real VID:PIDs on a real USB stack. They sell while their cables are pulled in the middle of
documents and put into other sockets, turn after turn."""
import signal
import time
import unittest

import house
import shop as shops

LIMIT_S = 1200
TURNS = 3
# An emulated processor is some fifty times slower than one of a shop's PC: usual here is a tenth, there two thousandths. Whoever
# spins takes all of it.
IDLE_SHARE = 0.4


def essence(document):
    return document["fd_number"], document["type"], document["datetime"], document["fiscal_sign"], document["tlv_hex"]


def step(text):
    print(f"   | {time.strftime('%H:%M:%S')} {text}", flush=True)


def too_late(*_):
    raise house.Trouble(f"not over within {LIMIT_S} s")


class Cables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGALRM, too_late)
        signal.alarm(LIMIT_S)
        with house.Scene() as scene:
            shop = cls.shop = shops.Shop(scene)
            try:
                cls.play(shop)
            finally:
                shop.selling = False
                signal.alarm(0)

    @classmethod
    def play(cls, shop):
        """What happens; the tests look at what was seen of it."""
        cls.nodes, cls.descriptors_in, cls.descriptors_out = [], [], []
        shop.open(LIMIT_S)
        step("the agent is up, nothing is plugged in")
        for turn in range(TURNS):
            cls.all_in(shop, turn)
            time.sleep(5)  # some documents pass
            shop.cut_all()
            house.until("the agent has let go of what is gone", 30, shop.let_go)
            time.sleep(5)
            cls.descriptors_out.append(shop.descriptors())
            step("every cable was pulled in the middle of a document")
        cls.cuts = {register.number: [cable[3] for cable in shop.cables(register.usb_serial)] for register in shop.registers}
        cls.boot_loader(shop)
        time.sleep(10)
        cls.idle_share = shop.cpu_share()
        cls.all_in(shop, TURNS)
        cls.process = shop.shell(f"cat /proc/{shop.agent}/status")
        cls.rights = {node: shop.shell(f"stat -c 'right=%G %a' {node}; udevadm info -q property -n {node}") for node in cls.nodes[-1]}
        shop.close_tills()
        house.until("every document has arrived", 300, shop.caught_up, pause=2)
        cls.told = shop.exported()
        cls.held = {register.number: [essence(document) for document in register.emulator.documents()] for register in shop.registers}
        for register in shop.registers:
            shop.pull(register.usb_serial)
        cls.second_function = [cable[1] for cable in shop.cables("S0001")]
        step("everything has arrived")

    @classmethod
    def all_in(cls, shop, turn):
        shop.plug_all(turn)
        cls.nodes.append(house.until("every register is found", 180, shop.found, pause=1))
        cls.descriptors_in.append(shop.descriptors())
        step("found on " + " ".join(cls.nodes[-1]))

    @classmethod
    def boot_loader(cls, shop):
        """The second register comes back, in the socket where it was, as the boot loader of its firmware."""
        shop.plug("1fc9:0089", "S0009", 2 + TURNS - 1, "vendor", shop.registers[1].line)
        cls.in_boot_loader = house.until("the boot loader is told", 60, lambda: shop.status()[1]["state_reason"] == "in_boot_loader")
        shop.pull("S0009")
        cls.boot_loader_heard = shop.cables("S0009")[0][0]

    def check_register(self, number):
        nodes = [turn[number - 1] for turn in self.nodes]
        held = self.held[number]
        told = sorted(essence(document) for document in self.told if document["fn_serial"] == self.shop.registers[number - 1].fn)
        print(f"[{len(held)} documents; cut in answers of {self.cuts[number]} bytes; {' '.join(nodes)}] ", end="", flush=True)
        self.assertTrue(all(was != now for was, now in zip(nodes, nodes[1:])), "it came back on another node each time")
        self.assertEqual(len(self.cuts[number]), TURNS)
        self.assertTrue(all(self.cuts[number]), "the cable was pulled in the middle of a document each time")
        self.assertGreater(len(held), shops.PRELOAD + 10 * TURNS, "it sold all the time")
        self.assertEqual(told, held, "every document of the FN is in the journal once, byte for byte")

    def test_1_atol_on_a_serial_port_looked_for_everywhere(self):
        """ATOL 30F, 2912:0005, two CDC-ACM functions, port = "auto\""""
        self.check_register(1)
        self.assertEqual(self.second_function, [0] * (TURNS + 1), "nothing was ever sent into its traffic to the OFD")

    def test_2_shtrih_on_a_serial_port_by_the_link_of_the_shipped_rules(self):
        """SHTRIH-M-02F, 1FC9:0083, CDC-ACM, port = "serial:/dev/kkt/SERIAL\""""
        self.check_register(2)

    def test_3_shtrih_taken_from_its_serial_driver(self):
        """SHTRIH-NANO-F, 04D9:B534, taken from cdc_acm, port = "usb:VID:PID\""""
        self.check_register(3)

    def test_4_shtrih_without_a_driver(self):
        """SHTRIH-M-01F, ABCD:1980, class FF without a driver, port = "usb:VID:PID:SERIAL\""""
        self.check_register(4)

    def test_5_nobody_elses_documents(self):
        """the journal holds documents of these four and nobody else's"""
        self.assertEqual(len(self.told), sum(len(held) for held in self.held.values()))

    def test_6_ordinary_user(self):
        """the agent was an ordinary user in group dialout, and the shipped rules gave it just these nodes"""
        for fact in (r"Uid:\t1000\t1000\t1000\t1000", r"Groups:\t20 *\n", r"CapEff:\t0000000000000000"):
            self.assertRegex(self.process, fact)
        for node, facts in self.rights.items():
            for fact in ("right=dialout 660", "ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"):
                self.assertIn(fact, facts.splitlines(), node)

    def test_7_boot_loader(self):
        """a boot loader in a register's socket is named, and not a byte was sent to it"""
        self.assertTrue(self.in_boot_loader)
        self.assertEqual(self.boot_loader_heard, 0)

    def test_8_costs_nothing(self):
        """pulled cables leave no descriptor behind, and nothing plugged in costs next to no processor time"""
        print(f"[{self.descriptors_in} open, {self.descriptors_out} with all cables out; {self.idle_share:.1%} of an emulated processor] ",
              end="", flush=True)
        self.assertEqual(len(set(self.descriptors_out)), 1)
        self.assertLessEqual(max(self.descriptors_in), self.descriptors_in[0])
        self.assertLess(self.idle_share, IDLE_SHARE)


if __name__ == "__main__":
    unittest.main()
