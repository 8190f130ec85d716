#!/usr/bin/env python3
"""Drives kkt-emulator as a program that shares no code with it: Shtrih-M v1 and v2, over pty and TCP.

Source: docs/sources.md#shtrih, sections 1.2, 1.3, 3 and 4. Usage: third_party_client.py PATH/kkt-emulator
"""
import json, os, select, socket, struct, subprocess, sys, tempfile, termios, time, tty, urllib.request

PASSWORD = struct.pack('<I', 30)


class Line:
    """A pty or a socket with time-outs."""

    def __init__(self, where):
        if where.startswith('/'):
            self.fd = os.open(where, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
            mode = termios.tcgetattr(self.fd)
            mode[4] = mode[5] = termios.B115200
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)
            self.sock = None
        else:
            host, port = where.rsplit(':', 1)
            self.sock = socket.create_connection((host, int(port)), 5)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.fd = self.sock.fileno()
        self.buffer = b''

    def write(self, data):
        os.write(self.fd, data)

    def read(self, count, timeout=5.0):
        while len(self.buffer) < count:
            ready, _, _ = select.select([self.fd], [], [], timeout)
            assert ready, f'no answer within {timeout} s, have {self.buffer.hex()}'
            got = os.read(self.fd, 4096)
            assert got, 'the line is closed'
            self.buffer += got
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def close(self):
        self.sock.close() if self.sock else os.close(self.fd)


class V1:
    def __init__(self, line):
        self.line = line

    def control(self, timeout=5.0):
        byte = self.line.read(1, timeout)
        while byte == b'\xff':  # desktop units over TCP emit a stray FF
            byte = self.line.read(1, timeout)
        return byte

    def enquire(self):
        """ENQ until it is answered: one that comes instead of a confirmation goes unanswered."""
        for attempt in range(3):
            self.line.write(b'\x05')
            try:
                return self.control(1.5)
            except AssertionError:
                if attempt == 2:
                    raise

    def answer(self):
        assert self.control() == b'\x02', 'no STX'
        size = self.line.read(1)
        body = self.line.read(size[0])
        lrc = self.line.read(1)[0]
        for byte in size + body:
            lrc ^= byte
        assert lrc == 0, 'bad LRC'
        self.line.write(b'\x06')
        return body

    def command(self, body):
        for _ in range(10):
            if self.enquire() == b'\x15':
                break
            self.answer()
        frame = bytes([len(body)]) + body
        lrc = 0
        for byte in frame:
            lrc ^= byte
        self.line.write(b'\x02' + frame + bytes([lrc]))
        assert self.control() == b'\x06', 'not accepted'
        return self.answer()


class V2:
    def __init__(self, line):
        self.line = line
        self.number, _ = self.exchange(b'')

    @staticmethod
    def crc(data):
        crc = 0xFFFF
        for byte in data:
            crc ^= byte << 8
            for _ in range(8):
                crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
        return crc

    def byte(self):
        byte = self.line.read(1)[0]
        if byte == 0x9F:
            byte = {0x81: 0x8F, 0x83: 0x9F}[self.line.read(1)[0]]
        return byte

    def exchange(self, payload):
        body = struct.pack('<H', len(payload)) + payload
        body += struct.pack('<H', self.crc(body))
        stuffed = body.replace(b'\x9f', b'\x9f\x83').replace(b'\x8f', b'\x9f\x81')
        self.line.write(b'\x8f' + stuffed)
        assert self.line.read(1) == b'\x8f', 'no STX'
        head = bytes([self.byte(), self.byte()])
        rest = bytes(self.byte() for _ in range(struct.unpack('<H', head)[0] + 2))
        assert self.crc(head + rest[:-2]) == struct.unpack('<H', rest[-2:])[0], 'bad CRC'
        return struct.unpack('<H', rest[:2])[0], rest[2:-2]

    def command(self, body):
        self.number = (self.number + 1) & 0xFFFF
        number, answer = self.exchange(struct.pack('<H', self.number) + body)
        assert number == self.number, f'answer {number} to packet {self.number}'
        return answer


class Register:
    def __init__(self, protocol):
        self.protocol = protocol

    def ask(self, code, params=b'', password=PASSWORD, error=0):
        body = bytes.fromhex(code) + password + params
        answer = self.protocol.command(body)
        size = len(code) // 2
        assert answer[:size] == body[:size], f'{code}: answer to {answer[:size].hex()}'
        assert answer[size] == error, f'{code}: error {answer[size]:02X}, want {error:02X}'
        return answer[size + 1:]

    def wait_printing(self):
        for _ in range(200):
            status = self.ask('10')
            if status[4] == 0:
                return status[3]
            time.sleep(0.02)
        raise AssertionError('still printing')

    def mode(self):
        return self.ask('10')[3]

    def sell(self, name, price, quantity=1, total=None):
        self.ask('8D', b'\x00')
        assert self.mode() == 0x08
        self.ask('FF0C', struct.pack('<HH', 1008, 16) + b'test@example.org')
        self.ask('FF46', bytes([1]) + (quantity * 1000000).to_bytes(6, 'little') + price.to_bytes(5, 'little')
                 + b'\xff' * 10 + b'\x01\x01\x04\x01' + name.encode('cp1251'))
        total = total or price * quantity
        assert int.from_bytes(self.ask('89')[1:6], 'little') == total
        closing = self.ask('FF45', total.to_bytes(5, 'little') + bytes(75) + b'\x00' + bytes(30) + b'\x01')
        change, fd, sign = int.from_bytes(closing[:5], 'little'), *struct.unpack('<II', closing[5:13])
        assert change == 0
        assert self.wait_printing() & 15 == 2
        return fd, sign

    def document(self, fd):
        kind, size = struct.unpack('<HH', self.ask('FF3A', struct.pack('<I', fd)))
        assert self.mode() == 1
        body = b''
        while len(body) < size:
            body += self.ask('FF3B')
        self.ask('FF3B', error=0x08)
        assert self.mode() != 1
        return kind, body


def session(register, documents):
    name = register.ask('FC', password=b'')
    assert 'ШТРИХ' in name[6:].decode('cp1251')
    register.ask('F7', b'\x01', password=b'')
    assert len(register.ask('11')) == 48
    assert register.ask('1F', b'\x12\x01\x00\x01').rstrip(b'\0').isdigit()
    register.ask('10', password=struct.pack('<I', 777), error=0x4F)
    register.ask('68', error=0x37)
    register.wait_printing()
    if register.mode() == 4:
        register.ask('E0')
        register.wait_printing()
    assert register.ask('FF01')[0] == 3
    fd, sign = register.sell('Чай', 9950, 2)
    record = register.ask('FF0A', struct.pack('<I', fd))
    assert record[0] == 3 and struct.unpack('<I', record[11:15])[0] == sign
    assert record[15] == 1 and int.from_bytes(record[16:21], 'little') == 19900
    register.ask('40')
    register.wait_printing()
    register.ask('41')
    assert register.wait_printing() & 15 == 4
    last = struct.unpack('<I', register.ask('FF01')[-4:])[0]
    for number in range(1, last + 1):
        kind, body = register.document(number)
        whole = struct.pack('<HH', kind, len(body)) + body
        assert whole.hex().upper() == documents()[number - 1]['tlv_hex'], f'document {number} differs'
    register.ask('FF0A', struct.pack('<I', last + 1), error=0x08)


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        for listen, framing in (('pty', 'v1'), ('tcp', 'v2'), ('tcp', 'auto'), ('pty', 'auto')):
            path = os.path.join(folder, 'kkt')
            where = f'pty:{path}' if listen == 'pty' else 'tcp:127.0.0.1:0'
            extra = ['--stray-ff'] if (listen, framing) == ('tcp', 'auto') else []
            emulator = subprocess.Popen([program, 'run', '--listen', where, '--framing', framing, '--control',
                                         '127.0.0.1:0', '--print-ms', '30', *extra], stdout=subprocess.PIPE, text=True)
            try:
                words = emulator.stdout.readline().split()
                control = words[words.index('control') + 1]
                line_name = words[words.index('line') + 1]
                target = path if listen == 'pty' else line_name.removeprefix('tcp:')

                def documents():
                    with urllib.request.urlopen(control + '/fn/documents', timeout=10) as answer:
                        return json.load(answer)

                for protocol in {'v1': (V1,), 'v2': (V2,), 'auto': (V1, V2)}[framing]:
                    if framing == 'auto' and listen == 'tcp' and protocol is V2 and extra:
                        continue  # the stray FF belongs to v1
                    line = Line(target)
                    session(Register(protocol(line)), documents)
                    line.close()
                    time.sleep(0.1)
                    print(f'{listen} {framing} {protocol.__name__}: ok', flush=True)
            finally:
                emulator.terminate()
                emulator.wait(10)
    print('all sessions passed')


if __name__ == '__main__':
    main(sys.argv[1])
