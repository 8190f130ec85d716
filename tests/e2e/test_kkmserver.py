"""Shop software that speaks KkmServer, with real processes: asks, is cut off by the agent's death, asks again, asks nonsense."""
import http.client
import json
import socket
import unittest

import house

PASSWORD = {"Authorization": "Basic QWRtaW46dGVh"}  # Admin:tea


def check(key, **more):
    return {"Command": "RegisterCheck", "NumDevice": 0, "IsFiscalCheck": True, "TypeCheck": 0, "IdCommand": key,
            "Timeout": 15, "Cash": 25.0,
            "CheckStrings": [{"Register": {"Name": "Чай", "Quantity": 2, "Price": 12.5, "Amount": 25.0, "Tax": -1}}], **more}


class KkmServer(unittest.TestCase):
    def setUp(self):
        scene = house.Scene()
        scene.__enter__()
        self.addCleanup(scene.__exit__, None, None, None)
        self.emulator = scene.add(house.Emulator(scene.folder, framing="v1", baud=115200)).up()
        cabinet = scene.add(house.Cabinet(scene.folder)).init().up()
        self.port = house.free_port()
        settings = (f'\n[api.kkmserver]\nenabled = true\nlisten = "127.0.0.1:{self.port}"\nuser = "Admin"\n'
                    'password = "tea"\n')
        self.agent = scene.add(house.Agent(scene.folder, cabinet, [self.emulator.port_url], apis=True, settings=settings)).up()
        house.until("the register is ready", 30, lambda: self.agent.device()["state"] == "ready")
        self.shop = house.Api(f"http://127.0.0.1:{self.port}")
        self.shop.headers.update(PASSWORD)

    def checks(self):
        return [document["fd_number"] for document in self.emulator.documents() if document["type"] == 3]

    def send(self, body, headers):
        """(HTTP status, answer) to bytes that a library would not send."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request("POST", "/Execute", body, headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def test_a_check_is_printed_once_though_the_agent_is_killed_before_it_can_answer(self):
        body = json.dumps(check("killed")).encode()
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(b"POST /Execute HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " +
                         PASSWORD["Authorization"].encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            house.until("the command is in the journal", 10,
                        lambda: self.shop.post("/Execute", {"Command": "GetRezult", "IdCommand": "killed"})["Status"] != 3,
                        pause=0.005)
            self.agent.kill()
        self.agent.up()

        def told():
            answer = self.shop.post("/Execute/sync", check("killed"))
            return answer if answer["Status"] != 1 else None

        answer = house.until("the check is done", 60, told, pause=0.3)
        self.assertEqual((answer["Status"], answer["Error"]), (0, ""))
        self.assertEqual([answer["CheckNumber"]], self.checks())
        self.assertEqual(self.shop.post("/Execute", check("killed"))["CheckNumber"], answer["CheckNumber"])
        self.assertEqual([answer["CheckNumber"]], self.checks())

    def test_a_client_that_does_not_wait_fetches_the_result(self):
        self.emulator.cable(False)
        state = {"Command": "GetDataKKT"}
        house.until("the register is away", 30, lambda: self.shop.post("/Execute", state)["Status"] == 2)
        away = self.shop.post("/Execute", check("away"))
        self.assertEqual(away["Status"], 2)
        self.emulator.cable(True)
        house.until("the register is back", 60, lambda: self.shop.post("/Execute", state)["Status"] == 0)

        first = self.shop.post("/Execute", check("fetched", Timeout=1))
        self.assertIn(first["Status"], (0, 1))
        self.assertEqual(first["Error"], "")

        def fetched():
            answer = self.shop.post("/Execute", {"Command": "GetRezult", "IdCommand": "fetched"})
            return answer["Rezult"] if answer["Status"] != 1 else None

        done = house.until("the check is done", 30, fetched, pause=0.2)
        self.assertEqual((done["Status"], done["Error"], done["Command"]), (0, "", "RegisterCheck"))
        self.assertEqual([done["CheckNumber"]], self.checks())
        other = self.shop.post("/Execute", check("fetched", TypeCheck=1))
        self.assertEqual((other["Status"], other["CheckNumber"]), (5, done["CheckNumber"]))
        self.assertEqual([done["CheckNumber"]], self.checks())

    def test_nonsense_and_strangers_print_nothing_and_the_agent_lives(self):
        whole = json.dumps(check("nonsense")).encode()
        refused = {"no JSON": b"{" + whole, "nothing": b"", "another type": b"[1]", "broken UTF-8": b'{"Command":"\xd0"}',
                   "deep": b"[" * 100_000,
                   "a negative sum": json.dumps(check("nonsense", Cash=-25)).encode(),
                   "a sum beyond 64 bits": json.dumps(check("nonsense", Cash=10**30)).encode(),
                   "a list for a number": json.dumps(check("nonsense", Cash=[25])).encode(),
                   "10 MB": json.dumps(check("nonsense", CashierName="x" * 10_000_000)).encode()}
        for what, body in refused.items():
            with self.subTest(what):
                status, answer = self.send(body, PASSWORD)
                self.assertEqual((status, answer["Status"]), (200, 2))
                self.assertNotEqual(answer["Error"], "")
        strangers = {"no password": {}, "a wrong one": {"Authorization": "Basic QWRtaW46eA=="},
                     "another name": {**PASSWORD, "Host": "evil.example"},
                     "a page without the password": {"Origin": "https://evil.example"}}
        for what, headers in strangers.items():
            with self.subTest(what):
                self.assertIn(self.send(whole, headers)[0], (401, 403))
        self.assertEqual(self.checks(), [])
        self.assertEqual(self.shop.post("/Execute", check("after it"))["Status"], 0)
        self.assertEqual(len(self.checks()), 1)


if __name__ == "__main__":
    unittest.main()
