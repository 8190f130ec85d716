"""./run demo --check --apis: one sale through each interface that software on a shop's computer may speak (native API, ATOL
Web Requests v1 and v2, KkmServer, kktctl), to a Shtrih-M register and to an ATOL one; each fiscal sign is found again in the
FN and in the cabinet."""
import json
import os
import subprocess
import uuid

import house

REGISTERS = [("shtrih", "shtrih-m-02f", "v1"), ("atol", "30f", "v2")]
HEADER = "register interface fd_number fiscal_sign in_fn in_cabinet"


class Apis:
    """The agent's interfaces, as their clients see them."""

    def __init__(self, agent, kkmserver_port):
        self.agent = agent
        with open(os.path.join(agent.data, "api.token"), encoding="ascii") as file:
            token = file.read().strip()
        self.native = house.Api(f"http://127.0.0.1:{agent.api_ports['native']}")
        self.native.headers["Authorization"] = f"Bearer {token}"
        self.atol = house.Api(f"http://127.0.0.1:{agent.api_ports['atol']}")
        self.kkm = house.Api(f"http://127.0.0.1:{kkmserver_port}")

    def by_native(self, price):
        self.native.headers["Idempotency-Key"] = str(uuid.uuid4())
        job = self.native.post("/api/v1/devices/default/jobs?wait=30", {
            "kind": "receipt", "operation": "sell", "cashier": "Иванова А.А.", "tax_system": "common",
            "items": [{"name": "Чай", "price": price, "quantity": 1, "vat": "none"}], "payments": {"electronic": price}})
        return job["document"]["fd_number"], job["document"]["fiscal_sign"]

    @staticmethod
    def atol_sale(price):
        return {"type": "sell", "taxationType": "osn", "operator": {"name": "Иванова А.А."},
                "items": [{"type": "position", "name": "Кофе", "price": float(price), "quantity": 1, "amount": float(price),
                           "paymentMethod": "fullPayment", "paymentObject": "commodity", "tax": {"type": "none"}}],
                "payments": [{"type": "electronically", "sum": float(price)}]}

    def by_atol(self, price, path):
        key = str(uuid.uuid4())
        self.atol.post(path, {"uuid": key, "request": [self.atol_sale(price)]})

        def ready():
            result = self.atol.get(f"{path}/{key}")["results"][0]
            if result["status"] == "error":
                raise house.Trouble(f"{path}: {result}")
            return result if result["status"] == "ready" else None

        told = house.until(f"{path}: the sale is ready", 60, ready, pause=0.2)["result"]["fiscalParams"]
        return told["fiscalDocumentNumber"], int(told["fiscalDocumentSign"])

    def by_kkmserver(self, price):
        answer = self.kkm.post("/Execute/sync", {
            "Command": "RegisterCheck", "NumDevice": 0, "IdCommand": str(uuid.uuid4()), "IsFiscalCheck": True, "TypeCheck": 0,
            "Timeout": 30, "CashierName": "Иванова А.А.", "ElectronicPayment": float(price),
            "CheckStrings": [{"Register": {"Name": "Сахар", "Quantity": 1, "Price": float(price), "Amount": float(price),
                                           "Tax": -1, "SignMethodCalculation": 4, "SignCalculationObject": 1}}]})
        if answer["Status"] != 0:
            raise house.Trouble(f"KkmServer: {answer}")
        told = dict(part.split("=", 1) for part in answer["QRCode"].split("&"))
        return answer["CheckNumber"], int(told["fp"])

    def by_kktctl(self, price):
        receipt = {"operation": "sell", "items": [{"name": "Мёд", "price": price, "quantity": 1, "vat": "none"}], "payments": {"cash": price}}
        done = subprocess.run([os.path.join(house.BIN, "kktctl"), "--config", self.agent.config, "--json", "receipt", "-",
                               "--key", str(uuid.uuid4())], input=json.dumps(receipt), capture_output=True, text=True,
                              timeout=90, check=False)
        if done.returncode != 0:
            raise house.Trouble(f"kktctl receipt: {done.returncode} {done.stdout} {done.stderr}")
        job = json.loads(done.stdout)
        return job["document"]["fd_number"], job["document"]["fiscal_sign"]


def sell_on(family, model, framing):
    """Yields (interface, fd number and fiscal sign as told, sign in the FN, sign in the cabinet)."""
    with house.Scene() as scene:
        emulator = scene.add(house.Emulator(scene.folder, family=family, model=model, framing=framing, baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up().log_in()
        kkmserver = house.free_port()
        agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], apis=True,
                                      settings=f'\n[api.kkmserver]\nenabled = true\nlisten = "127.0.0.1:{kkmserver}"\n'))
        agent.enrol(cabinet.enrolment_code()).up()
        house.until("the register is ready", 60, lambda: agent.device()["state"] == "ready")
        apis = Apis(agent, kkmserver)
        ways = [("native", lambda: apis.by_native("11.00")), ("awr-v1", lambda: apis.by_atol("12.00", "/requests")),
                ("awr-v2", lambda: apis.by_atol("13.00", "/api/v2/requests")),
                ("kkmserver", lambda: apis.by_kkmserver("14.00")), ("kktctl", lambda: apis.by_kktctl("15.00"))]
        made = [(name, *sell()) for name, sell in ways]
        serial = emulator.fn_serial()
        truth = {document["fd_number"]: document for document in emulator.documents()}
        house.until("the cabinet has every document", 60, lambda: cabinet.whole_documents(serial) >= len(truth), pause=0.3)
        listed = {row["fd_number"]: row for row in cabinet.list(fn=serial)}
        for name, number, sign in made:
            in_fn = truth.get(number, {}).get("fiscal_sign")
            in_cabinet = listed.get(number, {}).get("fiscal_sign")
            yield name, number, sign, in_fn, in_cabinet


def check():
    whole = True
    print(HEADER)
    for family, model, framing in REGISTERS:
        numbers = []
        for name, number, sign, in_fn, in_cabinet in sell_on(family, model, framing):
            found = [sign == seen for seen in (in_fn, in_cabinet)]
            numbers.append(number)
            print(model, name, number, sign, *("yes" if one else "NO" for one in found), flush=True)
            whole = whole and all(found)
        if len(set(numbers)) != len(numbers):
            print(f"{model}: two interfaces name one document")
            whole = False
    return 0 if whole else 1
