"""The programs of the house as processes: what the demo, the end-to-end tests and the benchmarks start and ask."""
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("KB_BIN", os.path.join(ROOT, "build", "release", "bin"))
# Stands for the library of ATOL's maker, which is not ours to ship.
STAND_IN_LIBRARY = os.path.join(os.path.dirname(BIN), "lib", "libfptr10_stand_in.so")


class Trouble(Exception):
    """Something did not come about in its time; the text says what and where the log lies."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, seconds, ask, pause=0.05):
    """Asks again and again until the answer is true; Trouble after `seconds`. Returns the answer."""
    end = time.monotonic() + seconds
    problem = None
    while True:
        try:
            answer = ask()
            if answer:
                return answer
            problem = f"last answer: {answer!r}"
        except (OSError, http.client.HTTPException, Trouble) as error:
            problem = f"last error: {error}"
        if time.monotonic() > end:
            raise Trouble(f"not within {seconds} s: {what} ({problem})")
        time.sleep(pause)


class Program:
    """One process with its log; restarted under the same name it appends to the same log."""

    def __init__(self, name, folder):
        self.name = name
        self.log_path = os.path.join(folder, f"{name}.log")
        self.process = None

    def start(self, *arguments, env=None):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([os.path.join(BIN, arguments[0]), *arguments[1:]], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env={**os.environ, **(env or {})})
        return self

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.running():
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait(10)

    def stop(self, seconds=10):
        """SIGTERM; returns the exit code and the seconds it took. Trouble when it has to be killed."""
        if not self.running():
            return (self.process.returncode if self.process else None), 0.0
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds), time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.kill()
            raise Trouble(f"{self.name} did not stop within {seconds} s, log: {self.log_path}") from None

    def log_tail(self, lines=25):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])


def run(*arguments, check=True, timeout=60, stdin=None):
    """A program to its end; its standard output. Trouble with its words when it fails."""
    done = subprocess.run([os.path.join(BIN, arguments[0]), *arguments[1:]], capture_output=True, text=True,
                          timeout=timeout, input=stdin)
    if check and done.returncode != 0:
        raise Trouble(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Api:
    """JSON over one kept-alive HTTP(S) connection."""

    def __init__(self, base, ca_file=None, timeout=20):
        self.base = urllib.parse.urlsplit(base)
        self.timeout = timeout
        self.headers = {}
        self.context = ssl.create_default_context(cafile=ca_file) if self.base.scheme == "https" else None
        self.connection = None

    def _connect(self):
        if self.context:
            return http.client.HTTPSConnection(self.base.hostname, self.base.port, timeout=self.timeout,
                                               context=self.context)
        return http.client.HTTPConnection(self.base.hostname, self.base.port, timeout=self.timeout)

    def ask(self, method, path, body=None, raw=False):
        """(status, headers, body). A question on a connection that the server closed meanwhile is asked again once; what
        changes something goes over a connection of its own, so that it never has to be repeated."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, **({"Content-Type": "application/json"} if data is not None else {})}
        if method != "GET" and self.connection:
            self.connection.close()
            self.connection = None
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = self._connect()
            try:
                self.connection.request(method, path, data, headers)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if fresh or attempt == 2:
                    raise
        if not raw:
            content = json.loads(content) if content else None
        return answer.status, answer.headers, content

    def get(self, path):
        status, _, content = self.ask("GET", path)
        if status != 200:
            raise Trouble(f"GET {path}: {status} {content}")
        return content

    def post(self, path, body=None):
        status, _, content = self.ask("POST", path, body if body is not None else {})
        if status >= 300:
            raise Trouble(f"POST {path}: {status} {content}")
        return content


class Emulator(Program):
    """A virtual register: its line for the agent, its control for us."""

    def __init__(self, folder, name="register", listen=None, framing="auto", baud=None, family="shtrih",
                 model="shtrih-m-02f", extra=()):
        super().__init__(name, folder)
        self.listen = listen or f"pty:{folder}/{name}.pty"
        self.control = f"127.0.0.1:{free_port()}"
        self.arguments = ["kkt-emulator", "run", "--family", family, "--model", model, "--listen", self.listen,
                          "--framing", framing, "--state", os.path.join(folder, f"{name}.state"),
                          "--control", self.control, *(["--baud", str(baud)] if baud else []), *extra]
        self.api = Api(f"http://{self.control}")

    def up(self, seconds=20):
        self.start(*self.arguments)
        until(f"{self.name} answers", seconds, lambda: self.running() and self.api.get("/state"))
        return self

    @property
    def port_url(self):
        kind, _, where = self.listen.partition(":")
        return f"serial:{where}" if kind == "pty" else self.listen

    def sale(self, **body):
        return self.api.post("/sale", body)

    def give_back(self):
        """A return by card, so that the drawer need not hold the money."""
        return self.sale(operation="sell_return", items=[{"name": "Чай", "price": 9900}],
                         payments={"electronic": 9900})

    def cable(self, connected):
        self.api.post("/cable", {"connected": connected})

    def open_shift(self):
        return self.api.post("/shift/open")

    def close_shift(self):
        return self.api.post("/shift/close")

    def documents(self):
        return self.api.get("/fn/documents")

    def fn_serial(self):
        return self.api.get("/state")["fn"]["serial"]


class Cabinet(Program):
    """The cabinet with one owner; keeps its data over restarts."""

    EMAIL = "owner@example.org"

    def __init__(self, folder, name="cabinet", port=None):
        super().__init__(name, folder)
        self.data = os.path.join(folder, name)
        self.port = port or free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.password = None
        self.api = None

    def init(self):
        self.password = "-".join(secrets.token_hex(2) for _ in range(3))
        run("kkt-cabinet", "init", "--data", self.data, "--email", self.EMAIL, "--tenant", "Магазин «Ромашка»",
            "--tls", "self-signed", "--password-stdin", "--web-root", os.path.join(ROOT, "cabinet", "web", "dist"),
            stdin=self.password + "\n")
        self.ca_file = os.path.join(self.data, "tls", "ca.pem")
        self.config = os.path.join(self.data, "cabinet.toml")
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(re.sub(r'(?m)^listen = .*$', f'listen = "127.0.0.1:{self.port}"', text))
        return self

    def up(self, seconds=20):
        self.start("kkt-cabinet", "serve", "--config", self.config)
        # Who is logged in stays so over a restart.
        self.api = self.api or Api(self.url, self.ca_file)
        until("the cabinet answers", seconds, lambda: self.running() and self.api.get("/health"))
        return self

    def log_in(self):
        status, headers, content = self.api.ask("POST", "/api/v1/login", {"email": self.EMAIL, "password": self.password})
        if status != 200:
            raise Trouble(f"login: {status} {content}")
        self.api.headers["Cookie"] = headers["Set-Cookie"].split(";")[0]
        self.api.headers["X-CSRF-Token"] = self.api.get("/api/v1/session")["csrf"]
        return self

    def enrolment_code(self):
        return self.api.post("/api/v1/enrolment-codes")["code"]

    def list(self, **filters):
        """Every document of the list, newest first, through all pages."""
        cursor = None
        while True:
            query = {**filters, "limit": 200, **({"before": cursor} if cursor else {})}
            page = self.api.get("/api/v1/documents?" + urllib.parse.urlencode(query))
            yield from page["documents"]
            cursor = page.get("next")
            if not cursor:
                return

    def whole_documents(self, fn_serial):
        """How many documents of an FN are here with their body; after a backlog their short records come first."""
        return sum(1 for row in self.list(fn=fn_serial) if row["form"] == "full")

    def document(self, fn_serial, fd_number):
        return self.api.get(f"/api/v1/documents/{fn_serial}/{fd_number}")


class Agent(Program):
    """The agent of one shop PC with its data folder. A device is the URL of its port, or that and its other settings; without
    a cabinet (None) it keeps all to itself."""

    def __init__(self, folder, cabinet, devices, name="agent", settings="", device_settings="", apis=False):
        super().__init__(name, folder)
        self.data = os.path.join(folder, name)
        self.listen = f"127.0.0.1:{free_port()}"
        self.config = os.path.join(folder, f"{name}.toml")
        os.makedirs(self.data, exist_ok=True)
        self.api_ports = {name: free_port() for name in ("native", "atol")} if apis else {}
        if apis:
            settings += (f'\n[api]\nlisten = "127.0.0.1:{self.api_ports["native"]}"\n'
                         f'[api.atol]\nenabled = true\nlisten = "127.0.0.1:{self.api_ports["atol"]}"\n')
        to_cabinet = f'[cabinet]\nurl = "{cabinet.url}"\nca_file = "{cabinet.ca_file}"\n' if cabinet else ""
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'[agent]\ndata_dir = "{self.data}"\nlisten = "{self.listen}"\n\n{to_cabinet}{settings}\n')
            for device in devices:
                port, own = device if isinstance(device, tuple) else (device, 'family = "auto"')
                file.write(f'\n[[device]]\nport = "{port}"\n{own}\n{device_settings}\n')
        self.api = Api(f"http://{self.listen}")
        self.environment = {}

    def enrol(self, code):
        run("kktctl", "--config", self.config, "enroll", code)
        return self

    def up(self, seconds=20):
        self.start("kkt-agent", "--config", self.config, env=self.environment)
        until("the agent answers", seconds, lambda: self.running() and self.api.ask("GET", "/health", raw=True)[0])
        return self

    def status(self):
        return self.api.get("/status")

    def sync(self):
        return self.status()["sync"]

    def device(self):
        """The first register's sample; its `state` is the word of the device life."""
        return self.status()["devices"][0]["sample"]

    def exported(self):
        lines = run("kktctl", "--config", self.config, "documents", "export", "--json", timeout=300).splitlines()
        return [json.loads(line) for line in lines]


class Comparison:
    """The FN against the cabinet: what is missing, doubled, or not the same bytes."""

    def __init__(self, emulators, cabinet, bytes_too=True):
        self.in_fn = self.in_cabinet = self.missing = self.duplicated = self.different = 0
        for emulator in emulators:
            serial = emulator.fn_serial()
            truth = {document["fd_number"]: document for document in emulator.documents()}
            found = {}
            for row in cabinet.list(fn=serial):
                found[row["fd_number"]] = found.get(row["fd_number"], 0) + 1
            self.in_fn += len(truth)
            self.in_cabinet += sum(found.values())
            self.missing += len(truth.keys() - found.keys())
            self.duplicated += sum(count - 1 for count in found.values()) + len(found.keys() - truth.keys())
            if bytes_too:
                self.different += sum(1 for number in truth.keys() & found.keys()
                                      if cabinet.document(serial, number)["tlv_hex"] != truth[number]["tlv_hex"])

    def whole(self):
        return self.missing == self.duplicated == self.different == 0 and self.in_fn > 0

    def line(self):
        return (f"documents in FN: {self.in_fn}, in cabinet: {self.in_cabinet}, missing: {self.missing}, "
                f"duplicated: {self.duplicated}")


class Scene:
    """A folder of its own and the programs in it; all are ended and the folder removed when the scene is over."""

    def __init__(self, keep=False, within=None):
        self.folder = tempfile.mkdtemp(prefix="kkt-bridge-", dir=within)
        self.keep = keep
        self.programs = []

    def add(self, program):
        self.programs.append(program)
        return program

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for program in reversed(self.programs):
            program.kill()
            if kind is not None and os.path.exists(program.log_path):
                print(f"---- {program.log_path}\n{program.log_tail()}", flush=True)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
