"""Writes tests/fuzz/seeds/atol_* from the fixtures of tests/fixtures/atol; run it after changing them."""
import pathlib

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "atol"


def put(target, name, data):
    folder = HERE / "seeds" / f"atol_{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


for line in (FIXTURES / "frames.txt").read_text(encoding="utf-8").splitlines():
    if line and not line.startswith("#"):
        row = [cell.strip() for cell in line.split("|")]
        put("frame_" + row[1], row[0], b"\x00" + bytes.fromhex(row[7]))
# The device's lines only: the fuzz target's own request goes out; each line as count and bytes.
for path in FIXTURES.glob("*.exchange"):
    protocol = 1 if path.stem.endswith("v2") else 0
    lines = [line[1:].split("#")[0] for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "<"]
    pieces = [bytes.fromhex(line) for line in lines[:12]]
    put("exchange", path.stem, bytes([protocol | 4]) + b"".join(bytes([len(p)]) + p for p in pieces if len(p) < 32))
for line in (FIXTURES / "payloads.txt").read_text(encoding="utf-8").splitlines():
    if line and not line.startswith("#"):
        row = [cell.strip() for cell in line.split("|")]
        if row[1] == "request":
            put("commands", row[0], bytes.fromhex(row[4]))
        else:
            put("replies", row[0], bytes.fromhex(row[2]).rjust(2, b"\x00") + bytes.fromhex(row[4]))
# Vectors of v2 are requests and answers as they are.
for line in (FIXTURES / "frames.txt").read_text(encoding="utf-8").splitlines():
    row = [cell.strip() for cell in line.split("|")]
    if len(row) > 5 and row[1] == "v2" and row[3] == "host":
        put("commands", row[0], bytes.fromhex(row[5]))
