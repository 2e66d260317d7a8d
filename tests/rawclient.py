"""A WebSocket client by hand, over a plain socket, that reads only when it is told to."""

import asyncio
import base64
import json
import os
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

SMALL = 16 * 1024
TEXT, CLOSE = 0x1, 0x8


class Raw:
    """An open WebSocket. Nothing is read that was not asked for."""

    def __init__(self, sock):
        self.sock = sock
        self.loop = asyncio.get_running_loop()
        self.unread = b""

    async def send(self, type_, **fields):
        await self.send_text(json.dumps({"type": type_, **fields}))

    async def send_text(self, text):
        await self.loop.sock_sendall(self.sock, frame(TEXT, text.encode()))

    async def read(self, most):
        """Some bytes, b"" at the end of the connection; they lie in `unread` too."""
        try:
            data = await self.loop.sock_recv(self.sock, most)
        except ConnectionError:
            data = b""
        self.unread += data
        return data

    async def frames(self):
        """The frames from here on, as (opcode, payload), to the end of the connection."""
        while True:
            parsed = unframe(self.unread)
            if parsed is not None:
                opcode, payload, self.unread = parsed
                yield opcode, payload
            elif not await self.read(1 << 20):
                return

    async def until(self, type_):
        async for opcode, payload in self.frames():
            if opcode == TEXT and json.loads(payload)["type"] == type_:
                return json.loads(payload)
        raise EOFError(f"no {type_} came")

    async def close_frame(self):
        """(code, reason) of the close frame, None if the connection ends without one."""
        async for opcode, payload in self.frames():
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()
        return None


def frame(opcode, payload):
    """A masked frame; the mask is nought, which leaves the payload as it is."""
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([0x80 | opcode, 0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, 0x80 | 127]) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def unframe(data):
    """(opcode, payload, what follows) of the first frame, None if it is not complete."""
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size > 125:
        wide = 2 if size == 126 else 8
        size, at = int.from_bytes(data[2 : 2 + wide], "big"), 2 + wide
    if len(data) < at + size:
        return None
    return data[0] & 0x0F, data[at : at + size], data[at + size :]


@asynccontextmanager
async def raw(running, query="?model=gpt-realtime-2.1"):
    """A session over a socket with small buffers on both sides; `session.created` is read."""
    url = urlsplit(running.url + query)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(sock, (url.hostname, url.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {url.path}?{url.query} HTTP/1.1", f"Host: {url.netloc}"]
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {key}", "", ""]
        await loop.sock_sendall(sock, "\r\n".join(lines).encode())
        client = Raw(sock)
        while b"\r\n\r\n" not in client.unread:
            await client.read(4096)
        head, _, client.unread = client.unread.partition(b"\r\n\r\n")
        assert b" 101 " in head
        await client.until("session.created")
        yield client
    finally:
        sock.close()


def resident():
    """Bytes of memory that this process uses; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024
