"""demo-start: from `xueliang demo` to a site that is ready, and to its first real alert."""

import os
import secrets
import signal
import subprocess
import sys
import time

import httpx

from benchmarks.report import Figure, Report
from vms_api.demo.site import ADMIN

PORT = 8177
READY_LIMIT_S, ALERT_LIMIT_S = 15.0, 60.0


def measure() -> Report:
    """Runs the demo as a person would, with its set-up done."""
    subprocess.run([sys.executable, "-m", "vms_api", "demo", "--prepare"], check=True, stdout=subprocess.DEVNULL)
    password = secrets.token_urlsafe(18)
    started = time.monotonic()
    demo = subprocess.Popen(
        [sys.executable, "-m", "vms_api", "demo", "--port", str(PORT)],
        env={**os.environ, "XUELIANG_ADMIN_PASSWORD": password},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ready_s = _await_ready(demo, started)
        alert_s, label = _await_alert(password, started)
    finally:
        demo.send_signal(signal.SIGINT)
        asked = time.monotonic()
        demo.communicate(timeout=30)
    stop_s = time.monotonic() - asked
    return Report(
        "demo-start",
        [
            Figure("ready", ready_s, "s", READY_LIMIT_S),
            Figure("first alert", alert_s, "s", ALERT_LIMIT_S),
            Figure("stopped after Ctrl-C", stop_s, "s"),
        ],
        [f"the first alert was a {label}; the clock starts with the command, its set-up already done"],
    )


def _await_ready(demo: subprocess.Popen[str], started: float) -> float:
    assert demo.stdout is not None  # noqa: S101 - asked for above
    for line in demo.stdout:
        if "is ready" in line:
            return time.monotonic() - started
    raise RuntimeError("the demo ended before it was ready")


def _await_alert(password: str, started: float) -> tuple[float, str]:
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api/v1", trust_env=False) as client:
        client.post("/login", json={"username": ADMIN, "password": password}).raise_for_status()
        while time.monotonic() - started < 2 * ALERT_LIMIT_S:
            alerts = client.get("/alerts", params={"limit": 1}).raise_for_status().json()["items"]
            if alerts:
                return time.monotonic() - started, alerts[0]["label"]
            time.sleep(0.1)
    return float("inf"), "none"
