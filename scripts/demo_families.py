"""./run demo --check --families: a register of each family on one agent, some in more than one way; sales on all of them
while cables are pulled, then a line each: what its FN holds and what the cabinet has."""
import json

import house

HEADER = "family model transport documents_in_fn documents_in_cabinet missing duplicated"
SALES = 5


class Place:
    """One register of the shop: how it is connected and how the agent is told of it."""

    def __init__(self, family, framing, line, through_library=False, model=None):
        self.family, self.framing, self.line = family, framing, line
        self.through_library, self.model = through_library, model

    def transport(self):
        way = "library" if self.through_library else self.framing
        return f"{way}/{self.line}"


PLACES = [
    Place("shtrih", "v1", "pty"),
    Place("shtrih", "v2", "tcp", model="smartpos-f"),
    Place("elves", "v1", "pty"),
    Place("retail", "v1", "tcp"),
    Place("rr", "v1", "pty"),
    Place("atol", "v2", "pty"),
    Place("atol", "v3", "tcp"),
    Place("atol", "v3", "pty", through_library=True),
]


def first_model(family):
    for row in json.loads(house.run("kkt-emulator", "models", "--json")):
        if row["family"] == family:
            return row["model"]
    raise house.Trouble(f"kkt-emulator knows no model of family {family}")


def register(scene, number, place):
    place.model = place.model or first_model(place.family)
    listen = f"tcp:127.0.0.1:{house.free_port()}" if place.line == "tcp" else None
    # The seed makes each register's numbers its own.
    return scene.add(house.Emulator(scene.folder, name=f"register{number}", listen=listen, framing=place.framing,
                                    baud=115200 if place.line == "pty" else None, family=place.family,
                                    model=place.model, extra=["--seed", str(100 + number)])).up()


def device(emulator, place):
    if not place.through_library:
        return emulator.port_url
    return emulator.port_url, f'family = "atol-fptr"\nlibrary = "{house.STAND_IN_LIBRARY}"'


def set_up(scene):
    emulators = [register(scene, number, place) for number, place in enumerate(PLACES)]
    cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
    agent = scene.add(house.Agent(scene.folder, cabinet, [device(*pair) for pair in zip(emulators, PLACES)]))
    # The stand-in for the maker's library asks the register itself; this tells it which one.
    agent.environment = {"KB_FPTR_REGISTER": next(e.control for e, p in zip(emulators, PLACES) if p.through_library)}
    agent.enrol(cabinet.enrolment_code()).up()
    return emulators, cabinet


def check():
    with house.Scene() as scene:
        emulators, cabinet = set_up(scene)
        for emulator in emulators:
            emulator.open_shift()
        for sale in range(SALES):
            for place, emulator in zip(PLACES, emulators):
                if sale == 2:
                    emulator.cable(False)
                emulator.sale()
                if sale == 3:
                    emulator.cable(True)
        for emulator in emulators:
            emulator.give_back()
            emulator.close_shift()
        whole = True
        print(HEADER)
        for place, emulator in zip(PLACES, emulators):
            serial, last = emulator.fn_serial(), len(emulator.documents())
            try:
                house.until(f"the cabinet has every document of {place.model}", 90,
                            lambda: cabinet.whole_documents(serial) >= last, pause=0.3)
            except house.Trouble as trouble:
                print(trouble)
            compared = house.Comparison([emulator], cabinet)
            print(place.family, place.model, place.transport(), compared.in_fn, compared.in_cabinet, compared.missing,
                  compared.duplicated, flush=True)
            if compared.different:
                print(f"documents with other bytes: {compared.different}")
            whole = whole and compared.whole()
        return 0 if whole else 1
