"""Writes tests/fuzz/seeds/shtrih_* from the fixtures of tests/fixtures/shtrih; run it after changing them."""
import pathlib

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "shtrih"


def rows(name):
    for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def put(target, name, data):
    folder = HERE / "seeds" / f"shtrih_{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def unstuffed(frame):
    return frame.replace(b"\x9f\x81", b"\x8f").replace(b"\x9f\x83", b"\x9f")


def body(protocol, frame):
    if protocol == "v1":
        frame = frame[frame.index(2):]
        return frame[2:2 + frame[1]]
    return unstuffed(frame[1:])[4:-2]


def request(name, data):
    put("commands", name, data)


def answer(name, data):
    code = data[:2] if data[0] in (0xFE, 0xFF) else bytes([0, data[0]])
    put("replies", name, code + data)


for row in rows("frames.txt"):
    for column, make in ((4, request), (5, answer)):
        frame = bytes.fromhex(row[column]) if len(row) > column else b""
        if frame:
            put("frame_" + row[1], f"{row[0]}-{column}", b"\x00" + frame)
            if len(body(row[1], frame)) > 1:
                make(row[0], body(row[1], frame))
for row in rows("payloads.txt"):
    if row[1] in ("request", "answer"):
        (request if row[1] == "request" else answer)(row[0], bytes.fromhex(row[3]))
# The device's lines only: the fuzz target's own request goes out; each line as count and bytes.
for path in FIXTURES.glob("*.exchange"):
    protocol = 0 if path.stem.endswith("v2") else 1
    lines = [line[1:].split("#")[0] for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "<"]
    pieces = [bytes.fromhex(line) for line in lines[:12]]
    put("exchange", path.stem, bytes([protocol | 4]) + b"".join(bytes([len(p)]) + p for p in pieces if len(p) < 32))
