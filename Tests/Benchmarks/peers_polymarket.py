"""Drives the official polymarket-client and the untyped decoders with Polymarket's frames."""

import asyncio
import json
from decimal import Decimal

from peer_frames import need, timed


def decoder(name, pm):
    """Untyped decoding, checked against json's on every hundredth frame."""
    if name == "json":
        act, frames = json.loads, pm.texts
    elif name == "orjson":
        import orjson
        act, frames = orjson.loads, pm.bytes
    else:
        import msgspec
        act, frames = msgspec.json.decode, pm.bytes
    for index in range(0, len(frames), 100):
        need(act(frames[index]) == pm.values[index], f"{name} read frame {index} otherwise than json")
    return timed(frames, act)


def parse(pm):
    """The official client's way from text to its typed events."""
    from polymarket._internal.streams.clob.market_protocol import parse_events
    count, changes, lost = 0, 0, 0

    def act(text):
        nonlocal count, changes, lost
        events, dropped = parse_events(json.loads(text))
        count += len(events)
        lost += dropped
    seconds = timed(pm.texts, act)
    need(lost == 0 and count == len(pm.messages), f"polymarket-client made {count} events of {len(pm.messages)} messages and dropped {lost}")
    for text, value in zip(pm.texts[:2_000], pm.values[:2_000]):
        if isinstance(value, dict) and value["event_type"] == "price_change":
            event = parse_events(json.loads(text))[0][0]
            changes += 1
            need([Decimal(each["price"]) for each in value["price_changes"]] == [Decimal(each.price) for each in event.payload.price_changes],
                 "polymarket-client's price changes are not the frame's")
    need(changes > 0, "no price_change among the frames")
    return seconds


def client(pm):
    """The official client's whole way from text into a subscription's queue."""
    from polymarket._internal.streams.clob.market import ClobMarketStreamManager
    from polymarket._internal.streams.clob.market_protocol import MarketSubscription, match_for
    from polymarket._internal.streams.handle import AsyncSubscriptionHandle

    async def run():
        manager = ClobMarketStreamManager(url="ws://127.0.0.1:1")
        tokens = {message["asset_id"] for message in pm.messages if "asset_id" in message}
        tokens |= {each["asset_id"] for message in pm.messages for each in message.get("price_changes", ())}
        sub = MarketSubscription(token_ids=tuple(tokens), custom_feature_enabled=True)
        handle = AsyncSubscriptionHandle(queue_size=1024)
        manager._registry.add(sub=sub, matcher=match_for(sub), handle=handle)
        seconds = timed(pm.texts, lambda text: manager._on_message(json.loads(text)))
        need(manager.dropped_events == 0, f"polymarket-client dropped {manager.dropped_events} events")
        queued = handle.dropped + handle._queue.qsize()
        need(queued == len(pm.messages), f"polymarket-client queued {queued} events of {len(pm.messages)} messages")
        return seconds
    return asyncio.run(run())
