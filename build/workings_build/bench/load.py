"""`workings bench load`: a thousand readers at once, of the built site behind nginx.

nginx runs with the sample configuration that `docs/hosting/` offers, on the loopback address, and
wrk asks it: both are Debian's packages (nginx-light, wrk). The load ends by itself.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

SCRIPT = Path(__file__).with_name("load.lua")
SAMPLE = Path("docs") / "hosting" / "nginx.conf"
MODULES = Path("/usr/lib/nginx/modules")
BROTLI = "ngx_http_brotli_static_module.so"

AROUND = """\
{modules}
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{site}
}}
"""


@dataclass(frozen=True)
class Load:
    """What readers of one kind of file got: milliseconds, and counts over the whole run."""

    kind: str
    requests: int
    seconds: float
    bytes: int
    failed: int
    median: float
    p95: float
    p99: float

    def row(self) -> str:
        """Give the run as a row of the table."""
        return (
            f"{self.kind:<22} {self.requests / self.seconds:>9,.0f}"
            f" {self.bytes / self.seconds / 1e6:>7.1f} {self.median:>8.1f} {self.p95:>8.1f}"
            f" {self.p99:>8.1f} {self.failed:>7}"
        )


HEAD = (
    f"{'what is asked for':<22} {'a second':>9} {'MB/s':>7} {'p50 ms':>8} {'p95 ms':>8}"
    f" {'p99 ms':>8} {'failed':>7}"
)


def kinds(dist: Path) -> dict[str, list[str]]:
    """Sort a built site's addresses by what a reader asks for: pages, states, and both with styles.

    A page's address is its folder's.
    """
    files = [
        path.relative_to(dist).as_posix() for path in sorted(dist.rglob("*")) if path.is_file()
    ]
    plain = [path for path in files if not path.endswith((".br", ".gz"))]
    pages = [f"/{path.removesuffix('index.html')}" for path in plain if path.endswith("index.html")]
    states = [f"/{path}" for path in plain if re.search(r"/states/.*\.json$", path)]
    around = [f"/{path}" for path in plain if path.startswith("assets/")]
    return {
        "pages": pages,
        "exhibits' states": states,
        "pages, states, assets": pages + states + around,
    }


def configuration(sample: str, dist: Path, port: int, folder: Path) -> str:
    """Put the sample's server on a loopback port, with a site and nginx's own folder."""
    site = sample.replace("listen 80;", f"listen 127.0.0.1:{port};")
    site = site.replace("root /srv/workings/dist;", f"root {dist};")
    site = site.replace("include mime.types;", "include /etc/nginx/mime.types;")
    modules = f"load_module {MODULES / BROTLI};"
    if not (MODULES / BROTLI).exists():
        modules, site = "", site.replace("brotli_static on;", "")
    return AROUND.format(modules=modules, folder=folder, site=site)


@contextmanager
def nginx(sample: str, dist: Path) -> Iterator[int]:
    """Run nginx over a site until the block ends; give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="workings-nginx-") as place:
        file = Path(place) / "nginx.conf"
        file.write_text(configuration(sample, dist, port, Path(place)), encoding="utf-8")
        server = subprocess.Popen(["nginx", "-p", place, "-c", str(file)])
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()
            server.wait()


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise click.ClickException("nginx did not start; what it said stands above.")


def play(kind: str, paths: list[str], port: int, readers: int, seconds: int) -> Load:
    """Have so many readers ask for these paths, each as soon as the last answer has come."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(paths))
        listed.flush()
        said = subprocess.run(
            [
                *("wrk", "--threads", str(min(readers, os.cpu_count() or 1))),
                *("--connections", str(readers), "--duration", f"{seconds}s", "--timeout", "10s"),
                *("--script", str(SCRIPT), f"http://127.0.0.1:{port}"),
            ],
            env={**os.environ, "LOAD_PATHS": listed.name},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    (found,) = re.findall(r"^RESULT (.*)$", said, re.MULTILINE)
    requests, micros, sent, failed, median, p95, p99 = found.split()
    return Load(
        kind,
        int(requests),
        int(micros) / 1e6,
        int(sent),
        int(failed),
        float(median),
        float(p95),
        float(p99),
    )


@click.command("load")
@click.option(
    "--dist",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("dist"),
    show_default=True,
    help="The built site, best built with --precompress.",
)
@click.option("--readers", type=click.IntRange(1, 4000), default=1000, show_default=True)
@click.option("--seconds", type=click.IntRange(1, 60), default=10, show_default=True)
def bench_load(dist: Path, readers: int, seconds: int) -> None:
    """Have a thousand readers ask nginx for the built site, on this machine alone."""
    from workings_build.settings import find_root

    for program in ("nginx", "wrk"):
        if not shutil.which(program):
            raise click.ClickException(f"{program} is missing: apt-get install nginx-light wrk.")
    sample = (find_root(Path.cwd()) / SAMPLE).read_text(encoding="utf-8")
    with nginx(sample, dist.resolve()) as port:
        click.echo(
            f"{readers} readers for {seconds} s each, nginx and wrk on {os.cpu_count()} cores"
        )
        click.echo(HEAD)
        for kind, paths in kinds(dist).items():
            click.echo(play(kind, paths, port, readers, seconds).row())
