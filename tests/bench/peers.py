# SPDX-License-Identifier: Apache-2.0
"""The upstream, the peers and the daemon, each with one worker."""
import contextlib
import json
import os
import pathlib
import subprocess

from measure import free_port, wait_for_port

BODY = json.dumps({"id": "bench", "object": "chat.completion", "pad": "x" * 960})


@contextlib.contextmanager
def running(command, port, **options):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def nginx(folder, name, server):
    port = free_port()
    config = folder / f"{name}.conf"
    config.write_text(f"""
        daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
        events {{ worker_connections 8192; }}
        http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}; proxy_temp_path {folder};
        fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder}; client_body_buffer_size 64k;
        {server.replace('PORT', str(port))} }}""")
    return running(["nginx", "-c", str(config), "-p", str(folder)], port)


def nginx_upstream(folder):
    return nginx(folder, "upstream", f"server {{ listen 127.0.0.1:PORT; location / {{ default_type application/json; return 200 '{BODY}'; }} }}")


def nginx_proxy(folder, upstream):
    return nginx(folder, "proxy", f"""
        upstream up {{ server {upstream.removeprefix('http://')}; keepalive 64; keepalive_requests 100000000; }}
        server {{ listen 127.0.0.1:PORT; location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection '';
        proxy_buffering off; }} }}""")


def haproxy(folder, upstream):
    port = free_port()
    config = folder / "haproxy.cfg"
    config.write_text(f"""
global
    nbthread 1
    maxconn 8192
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    http-reuse always
frontend in
    bind 127.0.0.1:{port}
    default_backend up
backend up
    server one {upstream.removeprefix('http://')}
""")
    return running(["haproxy", "-db", "-f", str(config)], port)


class Daemon:
    """murphyd with one worker."""

    def __init__(self, build, folder, routes):
        self.murphy = build / "tools/murphy/murphy"
        self.folder = folder / "state"
        self.config = folder / "murphyd.toml"
        self.binary = build / "daemon/murphyd"
        self.routes = dict(routes)
        self.environment = dict(os.environ, MURPHY_STATE_DIR=str(self.folder))

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *unused):
        self._stop()

    def route(self, name, upstream):
        """Routes are configuration: the daemon starts anew with one more."""
        self._stop()
        self.routes[name] = upstream
        self._start()

    def _start(self):
        lines = ['[gateway]', 'listen = "127.0.0.1:0"', "workers = 1", "[control]", 'listen = ""']
        for name, upstream in self.routes.items():
            lines += [f"[route.{name}]", f'upstream = "{upstream}"']
        self.config.write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen([str(self.binary), "--config", str(self.config), "--state-dir", str(self.folder),
                                         "--print-endpoints", "json"], stdout=subprocess.PIPE, text=True)
        endpoints = json.loads(self.process.stdout.readline())
        self.gateway = endpoints["gateway"]
        self.port = int(self.gateway.rsplit(":", 1)[1])
        self.pid = self.process.pid

    def _stop(self):
        self.process.terminate()
        self.process.wait()
