"""ATOL Web Requests with real processes: a program that knows nothing but the web server of ATOL's driver prints on registers
of two makes; what is no request prints nothing."""
import http.client
import json
import socket
import unittest

import house

REGISTERS = [("shtrih", "shtrih-m-02f", "v1"), ("atol", "30f", "v2")]
PATHS = ["/requests", "/api/v2/requests"]  # versions 1 and 2


def sale(price):
    return {"type": "sell", "taxationType": "osn", "operator": {"name": "Иванова А.А."},
            "items": [{"type": "position", "name": "Кофе", "price": price, "quantity": 1, "amount": price,
                       "paymentMethod": "fullPayment", "paymentObject": "commodity", "tax": {"type": "none"}}],
            "payments": [{"type": "electronically", "sum": price}]}


class Client:
    """A POS program: nothing in it knows whose server answers."""

    def __init__(self, port):
        self.port = port
        self.api = house.Api(f"http://127.0.0.1:{port}")

    def post(self, path, key, *tasks):
        return self.api.ask("POST", path, {"uuid": key, "request": list(tasks)})

    def result(self, path, key):
        def ended():
            result = self.api.get(f"{path}/{key}")["results"][0]
            return result if result["status"] not in ("wait", "inProgress") else None
        return house.until(f"{path}/{key} has ended", 60, ended, pause=0.2)

    def raw(self, head, body=b""):
        """(status, answer) of bytes as they are; the server may end the connection before it has taken all of them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            try:
                line.sendall(head.encode() + b"\r\n\r\n" + body)
            except OSError:
                pass
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.status, json.loads(answer.read())


class AtolWeb(unittest.TestCase):
    def shop(self, scene, family, model, framing):
        emulator = scene.add(house.Emulator(scene.folder, family=family, model=model, framing=framing, baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init()
        agent = scene.add(house.Agent(scene.folder, cabinet, [emulator.port_url], apis=True)).up()
        house.until("the register is ready", 60, lambda: agent.device()["state"] == "ready")
        return emulator, agent, Client(agent.api_ports["atol"])

    def in_fn(self, emulator):
        return {document["fd_number"]: document["fiscal_sign"] for document in emulator.documents() if document["type"] == 3}

    def test_a_sale_by_either_version_is_in_the_fn_of_either_make_under_the_numbers_that_were_told(self):
        for register in REGISTERS:
            with self.subTest(register=register), house.Scene() as scene:
                emulator, agent, client = self.shop(scene, *register)
                told = {}
                for number, path in enumerate(PATHS):
                    key = f"sale {number}"
                    status, _, answer = client.post(path, key, sale(12.5 + number))
                    self.assertEqual(status, 201, answer)
                    result = client.result(path, key.replace(" ", "%20"))
                    self.assertEqual(result["status"], "ready", result)
                    self.assertEqual((result["error"]["code"], result["errorCode"]), (0, 0))
                    params = result["result"]["fiscalParams"]
                    self.assertEqual(params["total"], 12.5 + number)
                    told[params["fiscalDocumentNumber"]] = int(params["fiscalDocumentSign"])
                self.assertEqual(told, self.in_fn(emulator))
                # Not again, by neither version, by no other agent, and the numbers stay.
                agent.kill()
                agent.up()
                house.until("the register is ready", 60, lambda: agent.device()["state"] == "ready")
                for path in PATHS:
                    for key in ("sale 0", "sale 1"):
                        self.assertEqual(client.post(path, key, sale(99))[0], 409)
                        params = client.result(path, key.replace(" ", "%20"))["result"]["fiscalParams"]
                        self.assertEqual(told[params["fiscalDocumentNumber"]], int(params["fiscalDocumentSign"]))
                shift = client.api.post("/api/v2/operations/queryShiftStatus")["shiftStatus"]
                self.assertEqual(shift["state"], "opened")
                status, _, answer = client.post(PATHS[1], "end", {"type": "closeShift"})
                self.assertEqual(status, 201, answer)
                self.assertEqual(client.result(PATHS[1], "end")["status"], "ready")
                self.assertEqual(told, self.in_fn(emulator))

    def test_what_is_no_request_is_refused_in_the_envelope_and_prints_nothing(self):
        with house.Scene() as scene:
            emulator, _, client = self.shop(scene, *REGISTERS[0])
            before = len(emulator.documents())
            whole = json.dumps({"uuid": "u", "request": sale(10)}, ensure_ascii=False).encode()

            def post(body, **headers):
                lines = [f"POST {PATHS[1]} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}",
                         *(f"{name}: {value}" for name, value in headers.items())]
                return client.raw("\r\n".join(lines), body)

            for status, body, headers in [
                    (400, whole[:-1], {}), (400, whole.replace("Кофе".encode(), b"\xff\xfe"), {}), (400, b"", {}),
                    (400, whole.replace(b'"price": 10', b'"price": -10'), {}),
                    (400, whole.replace(b'"price": 10', b'"price": 92233720368547759'), {}),
                    (400, whole.replace(b'"price": 10', b'"price": []'), {}),
                    (400, whole.replace(b'"sell"', b'"pingIsm"'), {}),
                    (413, b" " * 10_485_760, {}), (403, whole, {"Origin": "https://evil.example"})]:
                with self.subTest(body=body[:60], headers=headers):
                    told, answer = post(body, **headers)
                    self.assertEqual(told, status, answer)
                    self.assertIsInstance(answer["error"]["code"], int)
                    self.assertTrue(answer["error"]["description"])
            self.assertEqual(client.api.ask("GET", f"{PATHS[1]}/u")[0], 404)
            self.assertEqual(len(emulator.documents()), before)
            self.assertEqual(post(whole)[0], 201)  # it was all as it should be but for that
            self.assertEqual(client.result(PATHS[1], "u")["status"], "ready")


if __name__ == "__main__":
    unittest.main()
