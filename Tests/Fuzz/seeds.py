"""Makes the seeds of the fuzzers again: `seeds.py FOLDER` writes FOLDER/frames, http, json, pm-feed and kalshi-feed.

All of it is invented here or by Tests/Oracle; the same version gives the same bytes. Names are short, so that a fuzzer has little to
copy: tokens 11, 12, 21, 22 of the markets 0xa and 0xb, tickers KXA-1-T1 and KXA-1-T2.
"""
import io
import json
import os
import random
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Oracle"))
import worlds  # noqa: E402
from ks_sim import KsSim  # noqa: E402
from pm_sim import PmSim  # noqa: E402
from rec import Recorder  # noqa: E402

START_US = 1_790_000_000_000_000
SCRIPT_BYTES_MAX = 6000


def frame(opcode, payload, final=True, length=None):
    """One frame of a server; `length` forces the longer spellings."""
    count = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    if length == 8 or (length is None and count > 0xFFFF):
        return head + b"\x7f" + struct.pack(">Q", count) + payload
    if length == 2 or (length is None and count > 125):
        return head + b"\x7e" + struct.pack(">H", count) + payload
    return head + bytes([count]) + payload


def frames():
    """Two bytes of limits and cuts, then a stream."""
    text = '{"a":"ü€😀"}'.encode()
    streams = {
        "text": frame(1, text) + frame(1, b"") + frame(2, b"\xff\x00"),
        "control": frame(9, b"ping") + frame(10, b"") + frame(9, b"x" * 125),
        "close": frame(1, b"a") + frame(8, struct.pack(">H", 1000) + b"bye") + frame(1, b"after"),
        "close-empty": frame(8, b""),
        "close-short": frame(8, b"\x03"),
        "close-code": frame(8, struct.pack(">H", 1005)),
        "close-utf8": frame(8, struct.pack(">H", 4000) + b"\xc3"),
        "fragments": frame(1, text[:7], False) + frame(9, b"p") + frame(0, text[7:9], False) + frame(0, text[9:]) + frame(1, b"z"),
        "binary-fragments": frame(2, b"\xc3", False) + frame(0, b"", False) + frame(0, b"\x28"),
        "length-16": frame(1, b"m" * 126) + frame(2, b"n" * 299),
        "length-64": frame(2, b"l" * 66000)[:40],
        "not-minimal": frame(1, b"short", length=2),
        "just-not-minimal": frame(1, b"s" * 125, length=2) + frame(1, b"s" * 126),
        "not-minimal-64": frame(1, b"short", length=8),
        "top-bit": b"\x81\x7f\x80" + bytes(7),
        "bad-utf8": frame(1, b"ok \xed\xa0\x80"),
        "early-bad-utf8": b"\x81\x7e\x00\xc8ab\xf5",
        "cut-character": frame(1, b"\xe2\x82", False) + frame(0, b"\xac", False) + frame(0, b"\xf0\x9f"),
        "masked": b"\x81\x81\x00\x00\x00\x00a",
        "reserved": b"\xc1\x00",
        "opcode": b"\x83\x00",
        "lonely": frame(0, b"x"),
        "interrupted": frame(1, b"x", False) + frame(1, b"y"),
        "long-control": b"\x89\x7e\x00\x7e" + b"c" * 126,
        "fragmented-control": frame(9, b"x", False),
    }
    for name, stream in streams.items():
        limits = 0x0F if "length" in name or "minimal" in name else 0x0A
        yield name, bytes([limits, zlib.crc32(name.encode()) & 0xFF]) + stream


def http():
    """One byte of cuts, then what a server answers to a handshake with sixteen zero bytes."""
    accept = "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n"
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    answers = {
        "accepted": "HTTP/1.1 101 Switching Protocols\r\n" + upgrade + accept + "\r\n\x81\x02hi",
        "accepted-lists": "HTTP/1.1 101 \r\nConnection: keep-alive, upgrade\r\nUPGRADE:WebSocket\t\r\n" + accept + "Server: x\r\n\r\n",
        "wrong-key": "HTTP/1.1 101 Hm\r\n" + upgrade + "Sec-WebSocket-Accept: AAAA\r\n\r\n",
        "no-key": "HTTP/1.1 101 Hm\r\n" + upgrade + "\r\n",
        "no-upgrade": "HTTP/1.1 101 Hm\r\nConnection: Upgrade\r\n" + accept + "\r\n",
        "extension": "HTTP/1.1 101 Hm\r\n" + upgrade + accept + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        "protocol": "HTTP/1.1 101 Hm\r\n" + upgrade + accept + "Sec-WebSocket-Protocol: chat\r\n\r\n",
        "old": "HTTP/1.0 101 Hm\r\n" + upgrade + accept + "\r\n",
        "interim": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 101 Ok\r\n" + upgrade + accept + "\r\n",
        "denied": "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"error\":\"signature\"}",
        "busy": "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno",
        "busy-date": "HTTP/1.1 503 Busy\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n<html>busy</html>",
        "chunked": "HTTP/1.1 500 Oops\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\n<html\r\n0\r\n\r\n",
        "chunks": "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\n<h1>\r\nA \r\n 0123\t\x1b[3\r\n0\r\nT: 1\r\n\r\n",
        "chunks-wrong": "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\nabcd\r\nffffffffff\r\n",
        "moved": "HTTP/1.1 301 Moved\r\nLocation: https://example.test/ws\r\nContent-Length: 0\r\n\r\n",
        "two-lengths": "HTTP/1.1 404 No\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "same-lengths": "HTTP/1.1 404 No\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "wrong-length": "HTTP/1.1 404 No\r\nContent-Length: -3\r\n\r\n",
        "no-content": "HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n",
        "bare-lf": "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "folded": "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n",
        "bare-cr": "HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n",
        "blank-before-colon": "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n",
        "not-http": "SSH-2.0-OpenSSH_9.2\r\n",
        "long": "HTTP/1.1 200 OK\r\nX-A: " + "a" * 980 + "\r\n\r\n",
    }
    for name, answer in answers.items():
        yield name, bytes([zlib.crc32(name.encode()) & 0xFF]) + answer.encode()


def texts():
    """JSON, and what is nearly JSON."""
    event = ('{"v":1,"type":"book_delta","feed":"a","venue":"b","market":"m","instrument":"i","conn":1,"seq":2,"recv_us":1790000000000000,'
             '"bids":[[0.5,10],[0.49,0.000001]],"asks":[[0.51,0]]}\n')
    found = [
        event, "{}", "[]", ' \t\r\n{ "a" : [ 1 , true , false , null ] } ', '"\\u00fc\\ud83d\\ude00\\n\\"\\\\\\/\\b\\f\\t"', '"ü€😀"',
        "[" * 128 + "]" * 128, "[" * 129, "0", "-0", "-0.0e-0", "1e3", "12345678901234567890", "9223372036854.775807", "-9223372036854.775808",
        "0.0000001", "1E+400", "0.5e-5", "123456789012.123456", "[1,2]", "[0.78,30]", "[12.5,0.000001]", "[01,2]", "[1.,2]", "[1.1234567,2]",
        '{"a":"b","a":{"a":[]}}', '{"a":1,}', '{"a" 1}', "[1,]", "[1 2]", '"\\ud800"', '"\\udc00\\ud800"', '"\\x"', '"a\x01b"', "tru", "nulls",
        "1.2.3", "+1", ".5", "1e", "--1", '"plain text of more than eight bytes, with \\u0041 in it"', '["1","-2.50",""]',
        "-9223372036854775808", "-9223372036854775808f", "3e-9223372036854775808", "[" * 128 + "[0,2]",
    ]
    for index, text in enumerate(found):
        yield f"{index:02}", text.encode()
    for index, raw in enumerate([b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82', b"\xef\xbb\xbf{}", b'["\x7f"]']):
        yield f"raw-{index}", raw


def script(recording, option, start, count):
    """Lines of a recording as a script (FeedScript.swift): the first `start` lines that open it, then `count` more."""
    steps = [option]
    before = START_US
    for line in recording[:start + count]:
        said = json.loads(line)
        now = said.get("recv_us", said.get("sent_us"))
        if now - before > 100_000:
            steps.append(f"={(now - before) // 1000}")
        before = now
        if "open" in said:
            steps.append(f"+{said['conn']}")
        elif "close" in said:
            steps.append(f"-{said['conn']}")
        elif "sent" in said:
            steps.append(f">{said['conn']}{said['sent']}")
        elif "raw" in said:
            steps.append(f"<{said['conn']}" + said["raw"].rstrip("\n"))
        else:
            steps.append(("?" if said["status"] == 200 else "!") + said["get"] + " " + said["body"])
        if sum(map(len, steps)) > SCRIPT_BYTES_MAX:
            break
    return "\n".join(steps).encode()


def polymarket(rng, seconds):
    infos = worlds.polymarket(rng, 2, seconds)
    for letter, number, info in zip("ab", "12", infos):
        info["market"], info["slug"], info["question"] = "0x" + letter, "slug-" + letter, letter + "?"
        info["tokens"] = (number + "1", number + "2")
        info["shape"]["depth"] = 3
    return infos


def kalshi(rng, seconds):
    infos = worlds.kalshi(rng, 2, seconds)
    for number, info in zip("12", infos):
        info["ticker"], info["event"], info["series"], info["title"] = "KXA-1-T" + number, "KXA-1", "KXA", number + "?"
        info["id"] = ""
        info["shape"]["depth"] = 3
    return infos


def sessions(make, simulate):
    """The beginnings of a few sessions, healthy and not."""
    for seed in range(8):
        profile = "clean" if seed % 2 else "chaos"
        rng = random.Random(f"fuzz {seed}")
        infos = make(rng, 20)
        recording = io.StringIO()
        simulate(rng, Recorder(recording, io.StringIO()), infos, profile)
        yield f"{profile}-{seed}", script(recording.getvalue().splitlines(), str(seed % 5), 4, 60)


def polymarket_scripts():
    """Sessions of the oracle, and what it does not tell."""
    yield from sessions(polymarket, lambda rng, recorder, infos, profile: PmSim(rng, recorder, infos, START_US, 20, profile, False).run())
    book = ('{"event_type":"book","market":"0xa","asset_id":"11","timestamp":"1790000000000","hash":"00","bids":[{"price":"0.4","size":"5"},'
            '{"price":".39","size":"7.5"}],"asks":[{"price":"0.6","size":"8"}],"tick_size":"0.01","last_trade_price":"0.5"}')
    change = ('{"event_type":"price_change","market":"0xa","timestamp":"1790000000001","price_changes":[{"asset_id":"11","price":"0.41","size":"3",'
              '"side":"BUY","hash":"01","best_bid":"0.41","best_ask":"0.6"},{"asset_id":"12","price":"0.59","size":"0","side":"SELL","hash":"02",'
              '"best_bid":"0.4","best_ask":"0.59"}]}')
    opening = "1\n+1\n>1{\"assets_ids\":[\"11\",\"12\"],\"type\":\"market\"}\n"
    other = book.replace('"11"', '"12"')
    rest = book.replace('"event_type":"book",', "").replace("}]", '}],"neg_risk":false,"min_order_size":"5"', 1)
    scripts = {
        "book-change": opening + book + "\n" + other + "\n" + change,
        "array": opening + "[" + book + "," + other + "]\n[" + change + "]",
        "words": opening + "PONG\nNO NEW ASSETS\nINVALID OPERATION\n[]\n[1]\n{}\nnull\n\n \n",
        "retired": opening + book + '\n{"event_type":"price_change","asset_id":"11","market":"0xa","price":"0.5","size":"1","side":"BUY"}\n' + change,
        "torn": opening + book + "\n" + change[:80] + "\n" + change,
        "price-twice": opening + book.replace('".39"', '"0.40"'),
        "unreadable-change": opening + book + "\n" + change.replace('"0.41","size":"3"', '"4.1","size":"x"') + "\n" + book,
        "other-words": opening + book + '\n{"event_type":"tick_size_change","asset_id":"11","market":"0xa","old_tick_size":"0.01",'
        '"new_tick_size":"0.001","timestamp":"1790000000002"}\n{"event_type":"last_trade_price","asset_id":"11","market":"0xa","price":"0.41",'
        '"size":"2","side":"SELL","timestamp":"1790000000003","transaction_hash":"0x1"}\n{"event_type":"best_bid_ask","asset_id":"11",'
        '"market":"0xa","best_bid":"0.41","best_ask":"1","timestamp":"1790000000004"}\n{"event_type":"market_resolved","market":"0xa",'
        '"assets_ids":["11","12"],"winning_asset_id":"12","winning_outcome":"No","timestamp":"1790000000005"}\n{"event_type":"new_thing","a":1}',
        "two-sockets": opening + book + "\n+2\n>2{\"assets_ids\":[\"11\"],\"type\":\"market\"}\n<2" + book + "\n<1" + change + "\n-1\n<2" + change + "\n-2",
        "silence": opening + book + "\n=31000\n" + change + "\n" + book + "\n=5000\n<1PONG",
        "unsubscribed": opening + book + '\n>1{"assets_ids":["11"],"operation":"unsubscribe"}\n' + change,
        "rest": opening + book + "\n?/book?token_id=11 " + rest + "\n!/book?token_id=12 {}\n?/markets?id=1 "
        '[{"conditionId":"0xa","slug":"slug-a","question":"a?","outcomes":"[\\"Yes\\",\\"No\\"]","clobTokenIds":"[\\"11\\",\\"12\\"]"}]\n'
        "?/tick-size?token_id=11 {\"minimum_tick_size\":0.01}\n" + change,
        "own": opening + book + '\n+3\n>3{"auth":{"apiKey":"sha256:0a","secret":"****","passphrase":"****"},"type":"user"}\n<3PONG\n'
        '<3{"event_type":"order","id":"0xaa","owner":"k","market":"0xa","asset_id":"11","side":"BUY","original_size":"100","size_matched":"0",'
        '"price":"0.57","associate_trades":null,"outcome":"Yes","type":"PLACEMENT","status":"LIVE","timestamp":"1790000000123"}\n'
        '<3[{"event_type":"trade","type":"TRADE","id":"t1","taker_order_id":"0xta","market":"0xa","asset_id":"11","side":"BUY","size":"10",'
        '"price":"0.57","status":"MATCHED","match_time":"1790000000","owner":"k","trade_owner":"k","transaction_hash":"","maker_orders":['
        '{"order_id":"0xaa","owner":"k","matched_amount":"4","price":"0.43","asset_id":"12","outcome":"No","side":"SELL"}],"trader_side":"MAKER"}]\n'
        '?/data/trades?after=1790000000 {"next_cursor":"LTE=","data":[{"id":"t2","taker_order_id":"0xta","market":"0xa","asset_id":"11","side":"BUY",'
        '"size":"10","price":"0.57","status":"TRADE_STATUS_MINED","match_time":"1790000100","owner":"k","trade_owner":"k","trader_side":"TAKER"}]}\n-3',
        "carried-on": opening + book + "\n+2\n>2{\"assets_ids\":[\"11\"],\"type\":\"market\"}\n<2" + book + "\n-1\n<2" + change + "\n=31000\n-2",
        "late-slug": opening + other + "\n?/markets?id=1 "
        '[{"conditionId":"0xa","slug":"slug-a","question":"a?","outcomes":"[\\"Yes\\",\\"No\\"]","clobTokenIds":"[\\"11\\",\\"12\\"]"}]\n'
        + change + "\n?/markets?id=1 "
        '[{"conditionId":"0xa","slug":"slug-c","question":"a?","outcomes":"[\\"Yes\\",\\"No\\"]","clobTokenIds":"[\\"11\\",\\"12\\"]"}]\n'
        + change + "\n" + other,
        "unopened": change + "\n" + book + "\n" + change,
    }
    for name, text in scripts.items():
        for option in {"book-change": "04", "rest": "04", "late-slug": "4"}.get(name, "2"):
            yield f"{name}-{option}", (option + text.removeprefix("1") if text.startswith("1\n") else option + "\n" + text).encode()


def kalshi_scripts():
    """Sessions of the oracle, and what it does not tell."""
    yield from sessions(kalshi, lambda rng, recorder, infos, profile: KsSim(rng, recorder, infos, START_US, 20, profile).run())
    opening = ('0\n+1\n>1{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta","trade"],"market_tickers":["KXA-1","KXA-2"],'
               '"use_yes_price":false}}\n{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}\n')

    def snapshot(seq, ticker="KXA-1", yes='[["0.40","5.00"]]', no='[["0.55","7.50"]]'):
        return ('{"type":"orderbook_snapshot","sid":1,"seq":%d,"msg":{"market_ticker":"%s","market_id":"","yes_dollars_fp":%s,"no_dollars_fp":%s}}\n'
                % (seq, ticker, yes, no))

    def delta(seq, price="0.41", change="3.00", side="yes", ticker="KXA-1"):
        return ('{"type":"orderbook_delta","sid":1,"seq":%d,"msg":{"market_ticker":"%s","market_id":"","price_dollars":"%s","delta_fp":"%s",'
                '"side":"%s","ts":"2026-09-24T16:25:00.123456Z"}}\n' % (seq, ticker, price, change, side))

    ask = '>1{"id":2,"cmd":"update_subscription","params":{"sids":[1],"action":"get_snapshot","market_tickers":["KXA-1"]}}\n'
    scripts = {
        "book": opening + snapshot(1) + snapshot(2, "KXA-2") + delta(3) + delta(4, "0.55", "-7.50", "no") + delta(5, "0.40", "-5.00"),
        "hole": opening + snapshot(1) + delta(2) + delta(4) + ask + snapshot(5) + delta(6),
        "repetition": opening + snapshot(1) + delta(2) + delta(2) + delta(1) + delta(3),
        "below-zero": opening + snapshot(1) + delta(2, "0.40", "-6.00") + snapshot(3),
        "yes-prices": opening.replace("false", "true") + snapshot(1, no='[["0.45","7.50"]]') + delta(2, "0.45", "-7.50", "no"),
        "unsaid-prices": opening.replace(',"use_yes_price":false', "") + snapshot(1) + snapshot(2, no='[["0.30","1"]]') + delta(3),
        "price-twice": opening + snapshot(1, yes='[["0.40","1"],["0.4","2"]]') + delta(2),
        "price-twice-later": opening + snapshot(1) + snapshot(2, yes='[["0.40","1"],["0.4","2"]]') + delta(3) + snapshot(4),
        "late-event": opening + snapshot(1, "KXC-1") + '?/markets?tickers=KXC-1 {"cursor":"","markets":[{"ticker":"KXC-1","event_ticker":"KXB-2"}]}\n'
        + delta(2, ticker="KXC-1") + '?/markets?tickers=KXC-1 {"cursor":"","markets":[{"ticker":"KXC-1","event_ticker":"KXD-2"}]}\n'
        + delta(3, ticker="KXC-1"),
        "one-sided": opening + snapshot(1, no="[]") + delta(2, "0.99", "1.00", "no") + snapshot(3, yes="null"),
        "stray": opening + delta(1) + snapshot(2, "KXA-2") + delta(3),
        "two-sockets": opening + snapshot(1) + "+2\n<2" + snapshot(1) + delta(2) + "-1\n<2" + delta(2) + "-2",
        "own": opening + '{"type":"fill","sid":5,"seq":1,"msg":{"trade_id":"t","order_id":"o","client_order_id":"c","market_ticker":"KXA-1","is_taker":true,'
        '"outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.36","count_fp":"2.00","fee_cost":"-0.01","ts_ms":1790000000000}}\n'
        '{"type":"user_order","sid":6,"seq":1,"msg":{"order_id":"o","ticker":"KXA-1","status":"resting","side":"no","action":"buy","is_yes":false,'
        '"yes_price_dollars":"0.36","initial_count_fp":"3.00","fill_count_fp":"1.00","remaining_count_fp":"2.00","last_updated_ts_ms":1790000000000}}\n'
        '{"type":"market_position","sid":7,"seq":1,"msg":{"market_ticker":"KXA-1","position_fp":"-5.00","position_cost_dollars":"1.2345",'
        '"realized_pnl_dollars":"-0.1","fees_paid_dollars":"0.02"}}\n',
        "carried-on": opening + snapshot(1) + "+2\n<2" + snapshot(1) + "-1\n<2" + delta(2) + "-2",
        "carried-on-hole": opening + snapshot(1) + "+2\n<2" + snapshot(1) + "-1\n<2" + delta(3) + "<2" + snapshot(4),
        "closed-twice": opening + snapshot(1) + "+2\n<2" + snapshot(1) + "-1\n-1\n<2" + delta(2),
        "ahead": opening + snapshot(1) + "+2\n<2" + snapshot(1, yes='[["0.4","9"]]') + delta(2) + "<2" + delta(2) + delta(5) + "<2" + delta(3),
        "silence": opening + snapshot(1) + "=31000\n" + delta(2) + snapshot(3),
        "errors": opening + '{"id":2,"type":"error","msg":{"code":6,"msg":"Params required"}}\n{"type":"error","sid":1,"seq":2,"msg":{"code":25,"msg":"x"}}\n'
        '{"id":3,"type":"ok","sid":1,"seq":3,"msg":{"market_tickers":["KXA-1"]}}\n{"id":4,"type":"unsubscribed","sid":1,"seq":4}\n' + snapshot(5),
        "malformed": opening + snapshot(1) + '{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"KXA-1"}}\n{"type":"trade","sid":2}\n[]\n{"a"\n',
        "trades": opening + '{"type":"trade","sid":2,"seq":1,"msg":{"trade_id":"t","market_ticker":"KXA-1","yes_price_dollars":"0.36","no_price_dollars":'
        '"0.64","count_fp":"2.00","taker_side":"yes","ts_ms":1790000000000}}\n{"type":"ticker","sid":3,"msg":{"market_ticker":"KXA-1","price_dollars":'
        '"0.4","yes_bid_dollars":"0.4","yes_ask_dollars":"0.45","volume_fp":"2.00","open_interest_fp":"1","yes_bid_size_fp":"1","yes_ask_size_fp":"0"}}\n'
        '{"type":"market_lifecycle_v2","sid":4,"seq":1,"msg":{"market_ticker":"KXA-1","event_type":"determined","result":"yes","settlement_value":"1.0000"}}\n',
        "rest": opening + snapshot(1) + '?/markets?tickers=KXA-1 {"cursor":"","markets":[{"ticker":"KXA-1","event_ticker":"KXA","status":"open"}]}\n'
        '?/series/KXA {"series":{"ticker":"KXA","fee_type":"quadratic","fee_multiplier":1}}\n!/series/KXB {}\n?/markets/KXA-1/orderbook '
        '{"orderbook_fp":{"yes_dollars":[["0.40","5.00"]],"no_dollars":[]}}\n' + delta(2),
    }
    for name, text in scripts.items():
        for option in {"book": "014", "rest": "014", "trades": "014", "late-event": "4", "own": "01"}.get(name, "0"):
            yield f"{name}-{option}", (option + text[1:]).encode()


def main():
    corpora = {"frames": frames, "http": http, "json": texts, "pm-feed": polymarket_scripts, "kalshi-feed": kalshi_scripts}
    for subject, seeds in corpora.items():
        folder = os.path.join(sys.argv[1], subject)
        os.makedirs(folder, exist_ok=True)
        for name, seed in seeds():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(seed)


if __name__ == "__main__":
    main()
