#!/usr/bin/env python3
"""Stands between Playwright and an installed Firefox, which it starts.

The two speak WebDriver BiDi. Firefox 153 lacks one of Playwright's commands, without
which no page opens; what it sets, the tests do not need. It is answered here.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

NAMES = ("firefox-esr", "firefox")
LACKING = "emulation.setMediaFeaturesOverride"
READY = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
LARGEST = {"websocket_max_message_size": 2**28}


class Between(WebSocketHandler):
    """A connection of Playwright's, and one to Firefox."""

    def initialize(self, address):
        self.address = address

    async def open(self, path):
        self.firefox = await websocket_connect(
            self.address + path,
            on_message_callback=lambda said: said and self.write_message(said),
            max_message_size=2**28,
        )

    def on_message(self, message):
        command = json.loads(message)
        if command["method"] == LACKING:
            self.write_message({"type": "success", "id": command["id"], "result": {}})
        else:
            self.firefox.write_message(message)

    def on_close(self):
        self.firefox.close()


async def main():
    firefox = next(filter(None, map(shutil.which, NAMES)))
    process = subprocess.Popen(
        [firefox, *sys.argv[1:]], stderr=subprocess.PIPE, text=True
    )
    address = next(found[1] for line in process.stderr if (found := READY.search(line)))
    [socket] = bind_sockets(0, "127.0.0.1")
    between = Application([("(/.*)", Between, {"address": address})], **LARGEST)
    HTTPServer(between).add_sockets([socket])
    here = f"ws://127.0.0.1:{socket.getsockname()[1]}"
    print(f"WebDriver BiDi listening on {here}", file=sys.stderr, flush=True)
    await asyncio.to_thread(process.stderr.read)


if __name__ == "__main__":
    asyncio.run(main())
