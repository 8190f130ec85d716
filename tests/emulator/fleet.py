#!/usr/bin/env python3
"""Several registers in one kkt-emulator, as processes see them: each its own line, drive, keys and memory.

Usage: fleet.py PATH/kkt-emulator
"""
import json, os, signal, struct, subprocess, sys, tempfile, urllib.error, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from third_party_client import Line, Register, V1, V2  # noqa: E402


class Fleet:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, 'run', '--control', '127.0.0.1:0', *arguments],
                                        stdout=subprocess.PIPE, text=True)
        self.lines = {}
        for line in self.process.stdout:
            words = line.split()
            if words[0] == 'register':
                self.lines[words[1].rstrip(':')] = words[words.index('line') + 1]
            elif line.startswith('kkt-emulator ready'):
                self.control = words[words.index('control') + 1]
                break

    def call(self, target, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.control + target, data), timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(10)


def together(program, folder):
    pty, state = os.path.join(folder, 'till-1'), os.path.join(folder, 'till-1.state')
    arguments = ['--print-ms', '10',
                 '--register', f'name=till-1 family=elves listen=pty:{pty} state={state}',
                 '--register', 'name=till-2 model=rr-04f framing=v2 listen=tcp:127.0.0.1:0 preload=30',
                 '--register', 'name=till-3 family=retail listen=tcp:127.0.0.1:0 ofd_silent=true']
    fleet = Fleet(program, *arguments)
    rows = {row['name']: row for row in fleet.call('/registers')}
    assert list(rows) == ['till-1', 'till-2', 'till-3'], rows
    assert rows['till-1']['family'] == 'elves' and rows['till-2']['model'] == 'rr-04f', rows
    assert len({row['kkt_serial'] for row in rows.values()}) == 3 == len({row['fn_serial'] for row in rows.values()})
    assert rows['till-2']['last_fd'] == 30 and rows['till-3']['last_fd'] == 1, rows

    # Each line leads to its own register, and both can talk at the same time.
    first = Register(V1(Line(pty)))
    second = Register(V2(Line(fleet.lines['till-2'].removeprefix('tcp:'))))
    assert first.ask('FF02').decode() == rows['till-1']['fn_serial']
    assert second.ask('FF02').decode() == rows['till-2']['fn_serial']
    ctl = [program, 'ctl', '--control', fleet.control.removeprefix('http://')]
    subprocess.run([*ctl, '--register', 'till-1', 'sale', 'Чай:99.00'], check=True, stdout=subprocess.DEVNULL)
    assert struct.unpack('<I', first.ask('FF01')[-4:])[0] == 3
    assert struct.unpack('<I', second.ask('FF01')[-4:])[0] == 30

    # A key that does not say which register is pressed on none.
    vague = subprocess.run([*ctl, 'sale'], capture_output=True, text=True)
    assert vague.returncode == 1 and 'till-1, till-2, till-3' in vague.stderr, vague
    assert 'no such register' in fleet.call('/registers/till-9/sale', {})['error']
    assert fleet.call('/registers/till-3/state')['ofd']['silent'] is True
    assert fleet.call('/registers/till-2/state')['ofd']['silent'] is False

    # One's trouble is not the others'.
    fleet.call('/registers/till-2/power', {'action': 'cut'})
    assert fleet.call('/registers/till-1/sale', {})['fd_number'] == 4
    known = fleet.call('/registers/till-1/fn/documents')
    fleet.end(signal.SIGKILL)

    os.path.lexists(pty) and os.unlink(pty)
    fleet = Fleet(program, *arguments)
    assert fleet.call('/registers/till-1/fn/documents') == known, 'till-1 forgot its documents'
    assert fleet.call('/registers/till-3/state')['fn']['last_fd'] == 1, 'till-3 has no file to remember by'
    fleet.end()
    assert not os.path.lexists(pty), 'the link stays after the end'


def from_a_file(program, folder):
    path = os.path.join(folder, 'fleet.toml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('[defaults]\nfamily = "rr"\n'
                   '[[register]]\nlisten = "tcp:127.0.0.1:0"\n[[register]]\nlisten = "tcp:127.0.0.1:0"\n')
    fleet = Fleet(program, '--fleet', path)
    assert [(row['name'], row['family']) for row in fleet.call('/registers')] == [('kkt1', 'rr'), ('kkt2', 'rr')]
    fleet.end()


def misused(program, folder):
    path = os.path.join(folder, 'bad.toml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('[[register]]\nlisten = "tcp:127.0.0.1:0"\nbuad = 9600\n')
    listen = 'tcp:127.0.0.1:0'
    for arguments, told in ((['--fleet', path], 'bad.toml:3: buad: no such key'),
                            (['--fleet', path + 'x'], 'cannot read the file'),
                            (['--register', 'listen=com1'], 'listen: "com1", want pty:PATH'),
                            (['--register', f'name=a listen={listen}', '--register', f'name=a listen={listen}'],
                             '--register 2: name: "a" is also that of register 1'),
                            (['--listen', listen, '--model', 'rr-01f', '--framing', 'v2'], 'write one of: v1, auto'),
                            (['--listen', listen, '--family', 'olivetti'], 'write one of: shtrih, elves, retail, rr'),
                            (['--listen', listen, '--sales', 'many'], 'want 2/s, 30/min or 100/h'),
                            ([], '--listen: is missing')):
        done = subprocess.run([program, 'run', *arguments], capture_output=True, text=True, timeout=20)
        assert done.returncode == 2 and told in done.stderr, (arguments, done)


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        together(program, folder)
        from_a_file(program, folder)
        misused(program, folder)
    print('three registers in one process kept apart')


if __name__ == '__main__':
    main(sys.argv[1])
