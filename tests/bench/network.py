# SPDX-License-Identifier: MIT
"""Over TLS, like the real service: CPU, memory and time of 500 small jobs, and connections, handshakes and bytes
counted by the server, for this library and for a hand-written libcurl multi loop with libcurl's defaults.

nginx speaks TLS, HTTP/2 or HTTP/1.1, in front of the emulator; a relay (network_relay.c) adds the round trip and
counts.  Both programs trust the system's certificates and the benchmark's own, so that both load a store of the usual
size. A ratio is computed within a round; the figure is the median of the rounds, or the largest value for memory and
connections.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import throughput_kit as kit

JOBS = 500
BYTES = 2000
WAIT_MS = 10
SLOTS = 64
BUNDLES = ('/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem')
NGINX = """
daemon off; master_process off; worker_rlimit_nofile 8192; pid nginx.pid; error_log stderr crit;
events { worker_connections 4000; }
http {
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    log_format seen '$connection $ssl_session_reused $server_protocol';
    access_log access.log seen;
    keepalive_timeout 300s; keepalive_requests 1000000; tcp_nodelay on; client_max_body_size 20m;
    ssl_certificate leaf.pem; ssl_certificate_key leaf.key; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:4m;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    upstream api { server 127.0.0.1:%(api)d; keepalive 64; }
    upstream storage { server 127.0.0.1:%(storage)d; keepalive 64; }
    server { listen 127.0.0.1:%(api_port)d ssl%(http2)s backlog=1024; location / { proxy_pass http://api; } }
    server { listen 127.0.0.1:%(storage_port)d ssl%(http2)s backlog=1024; location / { proxy_pass http://storage; } }
}
"""


def openssl(folder, *arguments):
    done = subprocess.run(['openssl', *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f'bench: openssl {arguments[0]}: {done.stdout}')


class Certificates:
    """A CA, the server's certificate, and a bundle of the system's certificates and this CA."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='animaldetect-bench-'))
        key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
        openssl(self.folder, 'req', '-x509', *key, '-subj', '/CN=Authority of a bench', '-keyout', 'ca.key',
                '-out', 'ca.pem')
        openssl(self.folder, 'req', '-x509', *key, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-subj', '/CN=a bench',
                '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=CA:FALSE',
                '-keyout', 'leaf.key', '-out', 'leaf.pem')
        system = [pathlib.Path(path) for path in BUNDLES if os.path.exists(path)]
        text = (system[0].read_text(encoding='utf-8') if system else '')
        self.bundle = self.folder / 'bundle.pem'
        self.bundle.write_text(text + (self.folder / 'ca.pem').read_text(encoding='ascii'), encoding='utf-8')
        self.count = self.bundle.read_text(encoding='utf-8').count('BEGIN CERTIFICATE')


def free_ports(count):
    probes = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Server:
    """A relay, nginx and an emulator, started anew for each run."""

    def __init__(self, certificates, http2, rtt_ms):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='animaldetect-bench-'))
        ports = free_ports(2)
        self.relay = subprocess.Popen([kit.program('network_relay'), str(rtt_ms), *map(str, ports)],
                                      stdout=subprocess.PIPE, text=True, preexec_fn=kit.kit_emulator.end_with_parent)
        api, storage = (f'https://127.0.0.1:{port}' for port in self.relay.stdout.readline().split())
        self.emulator = kit.emulator('--processing', 'fixed:1', '--public-api-url', api,
                                     '--public-storage-url', storage)
        self.url = api + '/v1'
        for name in ('leaf.pem', 'leaf.key'):
            shutil.copy(certificates.folder / name, self.folder)
        for name in ('body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'):
            (self.folder / name).mkdir()
        (self.folder / 'nginx.conf').write_text(NGINX % {
            'api': self.emulator.port, 'storage': self.emulator.storage_port, 'api_port': ports[0],
            'storage_port': ports[1], 'http2': ' http2' if http2 else ''}, encoding='ascii')
        self.nginx = subprocess.Popen([shutil.which('nginx') or '/usr/sbin/nginx', '-p', self.folder, '-c',
                                       self.folder / 'nginx.conf', '-e', 'stderr'], stderr=subprocess.DEVNULL,
                                      preexec_fn=kit.kit_emulator.end_with_parent)
        self.wait(ports)

    def wait(self, ports):
        for port in ports:
            for _ in range(1000):
                if self.nginx.poll() is not None:
                    sys.exit('bench: nginx did not start')
                with socket.socket() as probe:
                    if probe.connect_ex(('127.0.0.1', port)) == 0:
                        break
                time.sleep(0.01)

    def stop(self):
        """Stops the servers; returns the counts: connections at the link, handshakes at nginx."""
        self.relay.send_signal(signal.SIGTERM)
        counted = json.loads(self.relay.stdout.read())
        self.relay.stdout.close()
        self.relay.wait()
        self.nginx.terminate()
        self.nginx.wait()
        self.emulator.stop()
        seen = {}
        protocols = collections.Counter()
        for line in (self.folder / 'access.log').read_text(encoding='ascii').splitlines():
            connection, resumed, protocol = line.split()
            seen[connection] = resumed
            protocols[protocol] += 1
        shutil.rmtree(self.folder)
        resumed = list(seen.values()).count('r')
        return {'connections': sum(counted['connections']), 'api_connections': counted['connections'][0],
                'most_open': counted['most_open'], 'full': len(seen) - resumed, 'resumed': resumed,
                'kb_up': counted['bytes_up'] / 1000, 'kb_down': counted['bytes_down'] / 1000,
                'requests': sum(protocols.values()), 'protocols': dict(protocols)}


def one_run(program, certificates, http2, rtt_ms, in_flight):
    server = Server(certificates, http2, rtt_ms)
    os.environ['BENCH_CA_FILE'] = str(certificates.bundle)
    figures = kit.run([kit.program(program), server.url, kit.KEY, str(JOBS), str(in_flight), str(BYTES), str(WAIT_MS)])
    return {'cpu_s': figures['cpu_s'], 'wall_s': figures['wall_s'], 'rss_mib': figures['peak_rss_kib'] / 1024,
            **server.stop()}


PROGRAMS = (('library', 'throughput_run'), ('multi loop', 'rival_multi'))


def measure(certificates, http2, rtt_ms, rounds, in_flight):
    runs = {name: [] for name, _ in PROGRAMS}
    for _ in range(rounds):
        for name, program in PROGRAMS:
            runs[name].append(one_run(program, certificates, http2, rtt_ms, in_flight))
    rows = []
    for name, own in runs.items():
        row = {'program': name}
        for field in ('cpu_s', 'wall_s', 'kb_up', 'kb_down', 'requests'):
            row[field] = kit.median([run[field] for run in own])
        for field in ('rss_mib', 'most_open'):
            row[field] = max(run[field] for run in own)
        row |= {field: max(own, key=lambda run: run['connections'])[field]
                for field in ('connections', 'api_connections', 'full', 'resumed')}
        for field, ratio in (('cpu_s', 'cpu_to_multi'), ('wall_s', 'time_to_multi'), ('rss_mib', 'rss_to_multi')):
            row[ratio] = kit.median([mine[field] / theirs[field] for mine, theirs in zip(own, runs['multi loop'])])
        rows.append(row)
    return {'http': 2 if http2 else 1, 'rtt_ms': rtt_ms, 'rounds': rounds, 'in_flight': in_flight, 'rows': rows}


def show(result, certificates):
    print(f"TLS, HTTP/{'2' if result['http'] == 2 else '1.1'}, round trip {result['rtt_ms']} ms, {JOBS} jobs of "
          f"{BYTES} bytes, {result['in_flight']} in flight, {SLOTS} slots, {certificates.count} certificates, "
          f"{result['rounds']} rounds")
    kit.table(['program', 'CPU s', 'to multi', 'RSS MiB', 'to multi', 'time s', 'to multi', 'requests', 'connections',
               'API', 'at once', 'full', 'resumed', 'kB up', 'kB down'],
              [[row['program'], f"{row['cpu_s']:.2f}", f"{row['cpu_to_multi']:.2f}", f"{row['rss_mib']:.1f}",
                f"{row['rss_to_multi']:.2f}", f"{row['wall_s']:.2f}", f"{row['time_to_multi']:.2f}",
                f"{row['requests']:.0f}", row['connections'], row['api_connections'], row['most_open'],
                row['full'], row['resumed'], f"{row['kb_up']:.0f}", f"{row['kb_down']:.0f}"]
               for row in result['rows']])


def main():
    options = kit.options(__doc__)
    certificates = Certificates()
    results = []
    for http2 in (True, False):
        for rtt_ms in (0, 200):
            results.append(measure(certificates, http2, rtt_ms, 1 if options.quick else 5, JOBS))
            if not options.json:
                show(results[-1], certificates)
                sys.stdout.flush()
    shutil.rmtree(certificates.folder)
    if options.json:
        print(json.dumps({'jobs': JOBS, 'bytes': BYTES, 'certificates': certificates.count, 'scenes': results}))


if __name__ == '__main__':
    main()
