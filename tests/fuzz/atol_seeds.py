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
