#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The script of the shared quota with large fleets, in virtual time on a real Redis.

    bench_quota_many.py [--workers N] [--minutes N] [--quick]

Prints the most requests in any minute, the used part of the quota, and the cost in Redis. Checks no figure.
"""
import argparse
import sys
import tempfile

import quota_many
import tool_kit  # noqa: F401  (adds the kit to the path)

from kit import redis


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="one quota, two minutes")
    wanted = parser.parse_args()
    minutes = 2 if wanted.quick else wanted.minutes
    with tempfile.TemporaryDirectory() as folder, redis.Redis(folder, aof=False) as server:
        ask = redis.Connection(server.port)
        for limit in (3000,) if wanted.quick else (300, 3000, 30000):
            figures, used, calls, cost, state = quota_many.undisturbed(ask, wanted.workers, limit, minutes)
            print(f"{wanted.workers} workers, {limit} requests a minute, {minutes} minutes: {figures}; each"
                  f" {min(used)} to {max(used)} requests; {calls:.0f} calls a second of {cost:.0f} us:"
                  f" {calls * cost / 1e4:.1f} % of a core; {state / 1e6:.2f} MB", flush=True)
        if not wanted.quick:
            print(f"{wanted.workers} workers, 3000 requests a minute, disturbed, last minute:"
                  f" {quota_many.disturbed(ask, wanted.workers, 3000, seed=2)}", flush=True)
        for key, figures in enumerate(quota_many.several_keys(ask, 5, 20, 300, 2 if wanted.quick else minutes, forgotten=0)):
            print(f"key {key} of 5, 20 workers each{', forgotten after the first minute' if key == 0 else ''}: {figures}", flush=True)
        ask.close()


if __name__ == "__main__":
    sys.exit(main())
