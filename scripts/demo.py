"""./run demo: a virtual register, the agent and the cabinet on this machine. With --check nobody watches: it rings
sales, takes the cabinet away and brings it back, pulls the cable, compares the FN with the cabinet and exits 0."""
import argparse
import select
import sys
import time

import demo_apis
import demo_families
import house

HELP = """
  s  ring a sale           r  ring a return        z  close the shift
  c  stop / start the cabinet                      p  pull / plug the register's cable
  q  quit
"""


def set_up(scene, sales=None):
    extra = ["--sales", sales] if sales else []
    emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200, extra=extra)).up()
    cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
    agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url]))
    agent.enrol(cabinet.enrolment_code()).up()
    return emulator, cabinet, agent


def arrived(emulator, cabinet, seconds=60):
    """Waits until the cabinet shows every document the FN has; the comparison tells if it never does."""
    serial = emulator.fn_serial()
    last = len(emulator.documents())
    try:
        house.until("the cabinet has every document", seconds,
                    lambda: cabinet.whole_documents(serial) >= last, pause=0.3)
    except house.Trouble as trouble:
        print(trouble)


def say(text):
    print(f"   {text}", flush=True)


def check():
    with house.Scene() as scene:
        emulator, cabinet, _ = set_up(scene)
        say("register, agent and cabinet are up")
        emulator.open_shift()
        for _ in range(8):
            emulator.sale()
        arrived(emulator, cabinet)
        say("8 sales rung, seen in the cabinet")
        cabinet.stop()
        for _ in range(6):
            emulator.sale()
        say("cabinet stopped, 6 sales rung meanwhile")
        cabinet.up()
        arrived(emulator, cabinet)
        say("cabinet started again, all there")
        emulator.cable(False)
        for _ in range(6):
            emulator.sale()
        say("cable pulled, 6 sales rung meanwhile")
        emulator.give_back()
        emulator.close_shift()
        emulator.cable(True)
        arrived(emulator, cabinet)
        say("a return rung, shift closed, cable plugged in again")
        comparison = house.Comparison([emulator], cabinet)
        if comparison.different:
            print(f"documents with other bytes: {comparison.different}")
        print(comparison.line())
        return 0 if comparison.whole() else 1


def command(key, emulator, cabinet, cable):
    """One key of the interactive demo; returns whether the cable is in."""
    if key == "s":
        emulator.sale()
    elif key == "r":
        emulator.give_back()
    elif key == "z":
        emulator.close_shift()
    elif key == "c":
        if cabinet.running():
            cabinet.stop()
            say("the cabinet is down; press c to start it again")
        else:
            cabinet.up()
            say("the cabinet is up")
    elif key == "p":
        cable = not cable
        emulator.cable(cable)
        say("the cable is plugged in" if cable else "the cable is pulled; press p to plug it in")
    return cable


def watch(sales):
    with house.Scene() as scene:
        emulator, cabinet, agent = set_up(scene, sales)
        emulator.open_shift()
        print(f"""
Кабинет владельца / owner's cabinet   {cabinet.url}
  логин / login      {cabinet.EMAIL}
  пароль / password  {cabinet.password}
Касса (клавиатура) / the register's keypad   http://{emulator.control}/
Агент / agent        http://{agent.listen}/status
The certificate was made on this machine just now: the browser will ask once.
Data and logs: {scene.folder} (removed at the end)""", flush=True)
        if not sys.stdin.isatty():
            say("no terminal: runs until it is interrupted")
            while all(program.running() for program in scene.programs):
                time.sleep(1)
            return 1
        print(HELP, flush=True)
        cable = True
        while True:
            if not select.select([sys.stdin], [], [], 1)[0]:
                continue
            key = sys.stdin.readline().strip().lower()
            if key == "q":
                return 0
            try:
                cable = command(key, emulator, cabinet, cable)
            except house.Trouble as trouble:
                say(str(trouble))


def main():
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="no hands: break things, compare, exit 0 when all is there")
    parser.add_argument("--families", action="store_true", help="with --check: a register of each family, one line each")
    parser.add_argument("--apis", action="store_true", help="with --check: one sale through each interface, found again in FN and cabinet")
    parser.add_argument("--sales", default="15/min", metavar="N/min", help="how often the cashier sells (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.families and not arguments.check:
        parser.error("--families is a part of --check: write ./run demo --check --families")
    if arguments.apis and not arguments.check:
        parser.error("--apis is a part of --check: write ./run demo --check --apis")
    try:
        if arguments.apis:
            return demo_apis.check()
        if arguments.families:
            return demo_families.check()
        return check() if arguments.check else watch(arguments.sales)
    except house.Trouble as trouble:
        print(f"demo: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
