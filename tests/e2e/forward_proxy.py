# SPDX-License-Identifier: Apache-2.0
"""A forward proxy as a company has one: CONNECT and absolute form, names that only it can resolve, and who may pass."""

import asyncio
import base64
import re
import threading


class ForwardProxy:
    """Listens while the block lasts. `names` leads `HOST:PORT` to a port of loopback; `asked` are the heads that arrived."""

    def __init__(self, names: dict[str, int], user: str = ""):
        self.names, self.user = names, user
        self.asked: list[bytes] = []

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._server.sockets[0].getsockname()[1]
        self.url = f"http://{self.user + '@' if self.user else ''}{self.address}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._server.close()
        self._loop.close()

    def _refusal(self, head: bytes, origin: str) -> bytes | None:
        wanted = b"Proxy-Authorization: Basic " + base64.b64encode(self.user.encode())
        if self.user and wanted not in head.split(b"\r\n"):
            return b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
        return None if origin in self.names else b"HTTP/1.1 502 No Such Host\r\nContent-Length: 0\r\n\r\n"

    async def _serve(self, reader, writer) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head)
            method, target = head.split(b" ")[:2]
            origin = target.decode() if method == b"CONNECT" else re.match(r"http://([^/]+)", target.decode())[1]
            origin = origin if ":" in origin else origin + ":80"
            if (refusal := self._refusal(head, origin)) is not None:
                writer.write(refusal)
                return
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.names[origin])
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
            else:
                up_writer.write(re.sub(rb"\r\nProxy-Authorization:.*?(?=\r\n)", b"", head.replace(target, target[7 + target[7:].index(b"/"):], 1)))
            await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @staticmethod
    async def _pump(reader, writer) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
