"""A stand-in for the ngrok program: its command line, its log, its local API, and a tunnel that really leads somewhere.

The public address is another port of this machine, behind which every request is handed on to the server.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROGRAM = """#!{python}
import json, sys, threading, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

token = json.load(open(sys.argv[sys.argv.index("--config") + 1]))["authtoken"]  # and on no command line
if sys.argv[1:3] != ["start", "--none"] or token != "a-token":
    print('lvl=eror msg="failed to auth" err="authentication failed: the token is not one of ours"', flush=True)
    sys.exit(1)
tunnels = {{}}

def passage(address):
    class Passage(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0)) or None
            headers = {{key: value for key, value in self.headers.items() if key.lower() not in ("connection",)}}
            headers |= {{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}}
            request = urllib.request.Request(address + self.path, body, headers, method=self.command)
            try:
                reply = urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                reply = error
            data = reply.read()
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                if key.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(key, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        do_GET = do_POST = do_DELETE = answer
        def log_message(self, *_): pass
    return ThreadingHTTPServer(("127.0.0.1", 0), Passage)

class Api(BaseHTTPRequestHandler):
    def reply(self, status, told):
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self):
        self.reply(200, {{"tunnels": list(tunnels.values()), "endpoints": list(tunnels.values())}})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked["inspect"] is not False or asked["schemes"] != ["https"]:
            return self.reply(400, {{"msg": "keys would be seen"}})
        where = str(asked.get("addr") or asked["upstream"]["url"])
        where = where if "://" in where else "http://" + (where if ":" in where else "127.0.0.1:" + where)
        server = passage(where.replace("localhost", "127.0.0.1"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{{server.server_address[1]}}"
        told = {{"name": asked["name"], "uri": "/api/tunnels/" + asked["name"], "public_url": url, "url": url,
                "proto": "http", "config": {{"addr": where, "inspect": True}}, "metrics": {{}}}}
        tunnels[asked["name"]] = told
        self.reply(201, told)
    def do_DELETE(self):
        tunnels.pop(self.path.rpartition("/")[2], None)
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass

api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=api.serve_forever, daemon=True).start()
print(f'lvl=info msg="starting web service" obj=web addr=127.0.0.1:{{api.server_address[1]}}', flush=True)
print('lvl=info msg="tunnel session started" obj=tunnels.session', flush=True)
print('lvl=info msg="client session established" obj=csess', flush=True)
threading.Event().wait()
"""


def write(folder: Path) -> Path:
    """The program, ready to be started."""
    path = folder / "ngrok"
    path.write_text(PROGRAM.format(python=sys.executable))
    path.chmod(0o755)
    return path
