"""What Python's clients need for the same frames: run by the interpreter of `.build/bench-peers`, which `make bench-peers` makes.

The raw frames are taken out of the recordings first, outside the timing; there is no socket, so all that is left is what the client does
with a message. Driven are the functions that the clients themselves call for each message that comes:

  polymarket-client, parse   `json.loads`, then `streams.clob.market_protocol.parse_events` (as `_read_loop` and `_on_message` do)
  polymarket-client, client  `json.loads`, then `ClobMarketStreamManager._on_message`: also matches the subscription and fills its queue
  msgspec, orjson, json      the untyped decoding alone
  kalshi-sdk                 `KalshiWebSocket._process_frame`: sequence, book, dispatch into the subscription's queue
  pykalshi                   `Feed._dispatch` with a handler that keeps an `OrderbookManager` a ticker, as its page shows

A package that is not installed is left out and named in `missing`. One that is there and does not do what is driven here, or has not
done the work, ends the whole run with an error: a peer that skips its work would flatter us.

usage: PYTHON peers.py --polymarket REC --kalshi REC [--frames 50000]      (prints one JSON object)
"""

import argparse
import gc
import importlib.metadata
import json
import logging
import sys

import peers_kalshi
import peers_polymarket
from peer_frames import Recording, need

PACKAGES = {"polymarket-client": "0.14.0", "msgspec": "0.22.0", "orjson": "3.13.0", "kalshi-sdk": "22.4.0", "pykalshi": "2.0.0"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polymarket", required=True)
    parser.add_argument("--kalshi", required=True)
    parser.add_argument("--frames", type=int, default=0, help="of Polymarket; 0 for all. Kalshi's are always all, since the books at the end are compared")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    pm, kalshi = Recording(args.polymarket, args.frames), Recording(args.kalshi, 0)
    works = {
        "polymarket-client, parse": ("polymarket-client", pm, peers_polymarket.parse), "polymarket-client, client": ("polymarket-client", pm, peers_polymarket.client),
        "msgspec": ("msgspec", pm, lambda frames: peers_polymarket.decoder("msgspec", frames)), "orjson": ("orjson", pm, lambda frames: peers_polymarket.decoder("orjson", frames)),
        "json": (None, pm, lambda frames: peers_polymarket.decoder("json", frames)), "kalshi-sdk": ("kalshi-sdk", kalshi, peers_kalshi.kalshi_sdk), "pykalshi": ("pykalshi", kalshi, peers_kalshi.pykalshi),
    }
    # What the bench holds for its own comparisons is not to be looked through by the garbage collector in a peer's time.
    gc.collect()
    gc.freeze()
    results, missing = {}, []
    for name, (package, frames, work) in works.items():
        try:
            version = importlib.metadata.version(package) if package else sys.version.split()[0]
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        need(package is None or version == PACKAGES[package], f"{package} {version} is installed, not {PACKAGES.get(package)}")
        seconds, processor = work(frames)
        results[name] = {"version": version, "frames": len(frames.texts), "seconds": seconds, "processor": processor}
    json.dump({"python": sys.version.split()[0], "results": results, "missing": missing}, sys.stdout)


if __name__ == "__main__":
    main()
