"""mkt-decide --report as a program: every number of its tables held against a model, and the page against Python's parsers."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from decimal import Decimal

import report_streams as streams
from report_page import SVG, Page, shown, value
from support import ENVIRONMENT, PM_SAMPLE, ROOT, run, tool

SWEEP = ["base"] + [f"wide[min_spread=0.0{i},cooldown={span}]" for i in range(1, 5) for span in ("1s", "1m")] + ["wide[min_spread=0.05]", "odd[x"]


def report(data, *options, status=0):
    done = run("mkt-decide", "--report", "--log-level", "info", *options, stdin=data if isinstance(data, bytes) else b"".join(data))
    assert done.returncode == status, (done.returncode, done.stderr)
    return done


def page_of(data, *options):
    return Page(report(data, *options).stdout)


class Numbers(unittest.TestCase):
    maxDiff = None

    def check(self, data):
        """Every cell of every rule, wherever its table is, and the sums below them."""
        page, expected = page_of(data), streams.expect(data)
        found = {}
        for heading, columns, rows in page.tables:
            keys = columns[:columns.index("Decisions")] if "Decisions" in columns else None
            for row in rows if keys else []:
                cells = {column: value(cell) for column, cell in zip(columns, row)}
                name = row[0]["title"] if keys == ["Rule"] else variant(heading, keys, cells)
                if name is not None:
                    found[name] = {column: cells[column] for column in columns[len(keys):]}
        expected = {shown(name): cells for name, cells in expected.items()}
        if not any(cells["P&L"] for cells in expected.values()):
            expected = {name: {column: cells[column] for column in found[name]} for name, cells in expected.items()}
        self.assertEqual(found, expected)
        return page

    def test_three_rules(self):
        for seed in range(1, 6):
            self.check(streams.lines(streams.Run(seed, ["arb", "complement-btc", "event_set"]), 150))

    def test_aRealRunOnPaper(self):
        events = run("mkt-merge", "--heartbeat", "0", stdin=run("pm-feed", "--replay", PM_SAMPLE).stdout).stdout
        instruments = list(dict.fromkeys(event["instrument"] for event in map(json.loads, events.splitlines()) if event["type"] == "instrument"))
        with tempfile.TemporaryDirectory() as folder:
            links, rules = os.path.join(folder, "links.csv"), os.path.join(folder, "rules.toml")
            with open(links, "w", encoding="utf-8") as file:
                file.write("left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n")
                file.writelines(f"polymarket,{one},polymarket,{other},same,1,approved\n" for one, other in zip(instruments, instruments[1:]))
            with open(rules, "w", encoding="utf-8") as file:
                file.write('[rules.xv]\nstrategy = "arbitrage"\nmin_edge = 0.005\nmax_size = 100\nmax_cost = 500\nmax_age = "10s"\naction = "trade"\n'
                           '[rules.wide]\nstrategy = "spread"\nmin_spread = 0.02\n')
            for latency in ("0", "50ms", "5s"):
                done = run("mkt-decide", "--rules", rules, "--links", links, "--paper", "--latency", latency, "--heartbeat", "0",
                           "--set", "rules.xv.min_edge=0.005,0.05", stdin=events)
                self.assertGreater(done.stdout.count(b'"own_fill"'), 20, done.stderr)
                page = self.check(done.stdout.splitlines(True))
                self.assertEqual(page.notes, [])

    def test_one_rule(self):
        page = self.check(streams.lines(streams.Run(7, ["only"]), 40))
        self.assertNotIn("All 1 rules", page.source)

    def test_sweep(self):
        page = self.check(streams.lines(streams.Run(8, SWEEP), 400))
        self.assertIn("Variants of wide", page.headings)
        self.assertEqual(page.tables[1][1][:2], ["min_spread", "cooldown"])
        gains = [Decimal(value(row["P&L"])) for row in page.rows("Variants of wide")]
        self.assertEqual(gains, sorted(gains, reverse=True))
        self.assertEqual(len(gains), 9)

    def test_signals_only(self):
        page = self.check(streams.lines(streams.Run(9, ["wide", "jump"], paper=False), 60))
        self.assertIn("Decisions only", page.source)
        self.assertNotIn("Worst fills", page.headings)

    def test_sums(self):
        data = streams.lines(streams.Run(10, ["a", "b", "c"]), 300)
        total = page_of(data).rows("Rules")[-1]
        rules = streams.expect(data).values()
        for column in ("Decisions", "Trades", "Promised", "Tried", "Shares", "Fees", "Realized", "Unrealized", "P&L", "Held"):
            self.assertEqual(Decimal(value(total[column])), sum(Decimal(cells[column]) for cells in rules), column)
        events = [json.loads(line, parse_float=Decimal) for line in data]
        now, pnls = {}, []
        for event in events:
            if event["type"] == "own_account":
                now[event["rule"]] = event["pnl"]
                pnls.append(sum(now.values()))
        self.assertEqual(Decimal(value(total["Max drawdown"])), streams.drawdown(pnls))

    def test_what_is_shown_is_the_exact_value_or_says_so(self):
        page = page_of(streams.lines(streams.Run(11, ["a", "b"]), 200))
        checked = 0
        for cell in (cell for _, _, rows in page.tables for row in rows for cell in row if re.fullmatch(r"-?\d+(\.\d+)?", cell["value"] or "")):
            exact, told = Decimal(cell["value"]), Decimal(cell["text"].replace(",", ""))
            self.assertLessEqual(abs(exact - told), Decimal("0.005"))
            if exact != told:
                self.assertEqual(Decimal(cell["title"].replace(",", "")), exact)
                checked += 1
        self.assertGreater(checked, 100)

    def test_lists(self):
        data = streams.lines(streams.Run(12, ["a", "b"]), 300)
        page, events = page_of(data), [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in data]
        profits = sorted((event["profit"] for event in events if event["type"] == "decision" and "profit" in event), reverse=True)
        self.assertEqual([Decimal(value(row["Profit"])) for row in page.rows("Largest decisions")], profits[:20])
        missing = sorted((event["size"] - event["filled"] for event in events if event["type"] == "own_order"), reverse=True)
        self.assertEqual([Decimal(value(row["Missing"])) for row in page.rows("Worst fills")], missing[:20])
        last = {(event["rule"], event["venue"], event["instrument"]): event for event in events if event["type"] == "own_position"}
        fills = [event for event in events if event["type"] == "own_fill"]
        rows = page.rows("Instruments")
        self.assertEqual(len(rows), len({key[1:] for key in last}) + 1)
        for row in rows[:-1]:
            mine = [event for key, event in last.items() if key[2] == row["Instrument"]["title"]]
            self.assertEqual(Decimal(value(row["Left"])), sum(event["size"] for event in mine))
            self.assertEqual(Decimal(value(row["Cost of these"])), sum(event["cost"] for event in mine))
            self.assertEqual(Decimal(value(row["P&L"])), sum(event["realized_pnl"] - event["fees_paid"] for event in mine))
            bought = [event["size"] for event in fills if event["instrument"] == row["Instrument"]["title"]]
            self.assertEqual((Decimal(value(row["Shares"])), int(value(row["Fills"]))), (sum(bought), len(bought)))
        self.assertEqual(Decimal(value(rows[-1]["P&L"])), sum(Decimal(value(row["P&L"])) for row in rows[:-1]))


def variant(heading, keys, cells):
    """The name of the rule that a row of a sweep is about; None for the row of a table of other things."""
    if not heading.startswith("Variants of "):
        return None
    return heading.removeprefix("Variants of ") + "[" + ",".join(f"{key}={cells[key]}" for key in keys if cells[key] is not None) + "]"


class Charts(unittest.TestCase):
    def scale(self, chart):
        """From the labels of the value axis: a place in pixels to a value."""
        ticks = [(Decimal(text.get("y")) - 4, Decimal(text.text.replace(",", ""))) for text in chart.iter(f"{SVG}text") if text.get("class") == "y"]
        (low, bottom), (high, top) = ticks[0], ticks[-1]
        return lambda place: bottom + (place - low) * (top - bottom) / (high - low), abs((top - bottom) / (high - low))

    def test_lines_end_at_the_last_value(self):
        for name, column in (("P&L", "P&L"), ("Drawdown", None)):
            data = streams.lines(streams.Run(20, ["one"]), 120)
            chart = page_of(data).chart(name)
            to_value, pixel = self.scale(chart)
            path = next(path.get("d") for path in chart.iter(f"{SVG}path") if path.get("class") == "l s0")
            pnls = [json.loads(line, parse_float=Decimal)["pnl"] for line in data if b'"own_account"' in line]
            last = pnls[-1] if column else pnls[-1] - max([Decimal(0), *pnls])
            self.assertLessEqual(abs(to_value(Decimal(re.findall(r"V(-?[\d.]+)", path)[-1])) - last), pixel / 10)
            lows = [to_value(Decimal(place)) for place in re.findall(r"V(-?[\d.]+)", path)]
            least = min(pnls) if column else -streams.drawdown(pnls)
            self.assertLessEqual(abs(min(lows) - min(least, Decimal(0))), pixel / 10)

    def test_dots_are_the_edges(self):
        data = streams.lines(streams.Run(21, ["one"], step_us=60_000_000), 100)
        chart = page_of(data).chart("Edge")
        to_value, pixel = self.scale(chart)
        path = next(path.get("d") for path in chart.iter(f"{SVG}path") if path.get("class") == "d s0")
        places = sorted(to_value(Decimal(y)) for y in re.findall(r"M[\d.]+ ([\d.]+)", path))
        edges = [json.loads(line, parse_float=Decimal).get("edge") for line in data if b'"decision"' in line]
        edges = sorted(edge for edge in edges if edge is not None)
        self.assertLessEqual(abs(places[0] - edges[0]), pixel / 10)
        self.assertLessEqual(abs(places[-1] - edges[-1]), pixel / 10)
        self.assertTrue(all(any(abs(place - edge) <= pixel / 10 for edge in edges) for place in places))

    def test_bars_add_up(self):
        data = streams.lines(streams.Run(22, ["a", "b"]), 500)
        page, events = page_of(data), [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in data]
        titles = [title.text for title in page.chart("Decisions per").iter(f"{SVG}title")][1:]
        whole = {title for title in titles}
        counts = [re.search(r": ([\d,]+) decisions, ([\d,]+) of these", title) for title in whole]
        self.assertEqual(sum(int(count.group(1).replace(",", "")) for count in counts), 500)
        self.assertEqual(sum(int(count.group(2).replace(",", "")) for count in counts), sum(event.get("action") == "trade" for event in events))
        titles = {title.text for title in page.chart("Shares tried").iter(f"{SVG}title")}
        shares = [re.search(r": ([\d,.]+) shares tried, ([\d,.]+) of these", title) for title in titles]
        orders = [event for event in events if event["type"] == "own_order"]
        for group, key in ((1, "size"), (2, "filled")):
            told = sum(Decimal(share.group(group).replace(",", "")) for share in shares if share)
            self.assertEqual(told, sum(order[key] for order in orders))

    def test_many_rules_say_which_are_drawn(self):
        rules = [f"rule-{i}" for i in range(200)]
        data = streams.lines(streams.Run(23, rules), 1500)
        page = page_of(data)
        self.assertIn("8 of 200 rules: those with the largest profit or loss.", page.source)
        expected = streams.expect(data)
        largest = sorted(expected, key=lambda name: -abs(Decimal(expected[name]["P&L"] or 0)))[:8]
        drawn = page.chart("P&L").findtext(f"{SVG}desc")
        self.assertTrue(all(f"{name}:" in drawn for name in largest), (largest, drawn))
        self.assertEqual(len(page.rows("Rules")), 201)


class Form(unittest.TestCase):
    def check(self, page):
        for svg in page.svgs:
            if svg.get("role") == "img":
                self.assertTrue(svg.findtext(f"{SVG}title") and svg.findtext(f"{SVG}desc"))
            for element in svg.iter():
                for key in ("x", "y", "width", "height"):
                    if element.get(key):
                        self.assertRegex(element.get(key), r"^-?\d+(\.\d)?$")
        self.assertNotIn("://", page.source.replace("http://www.w3.org/2000/svg", ""))
        for word in ("url(", "@import", "<script", "<link", "<img", "javascript:"):
            self.assertNotIn(word, page.source.lower().replace("&lt;", ""))
        self.assertIn("default-src 'none'", page.source)
        self.assertIn("prefers-color-scheme:dark", page.style)

    def test_pages_of_all_kinds(self):
        for seed, rules, paper, count in ((1, ["a"], True, 1), (2, ["a", "b"], True, 200), (3, SWEEP, True, 300), (4, ["a"], False, 30), (5, SWEEP, False, 30)):
            self.check(page_of(streams.lines(streams.Run(seed, rules, paper=paper), count)))

    def test_hostile_texts_are_inert(self):
        rules = [*streams.HOSTILE[:4], "<b>[\"x\"=1,'y'=</td>]", "<b>[\"x\"=<i>,'y'=&]", "&amp;"]
        data = streams.lines(streams.Run(31, rules, labels=streams.HOSTILE), 400)
        page = page_of(data)
        self.check(page)
        Numbers.check(self, data)
        labels = {row["Instrument"]["text"] for row in page.rows("Worst fills")}
        self.assertLessEqual(labels, {shown(label) for label in streams.HOSTILE})
        self.assertIn("</script><script>alert(1)</script>", "".join(row["Note"]["text"] for row in page.rows("Largest decisions")))

    def test_long_texts_are_cut(self):
        line = streams.lines(streams.Run(32, ["a"], labels=("x" * 300_000,)), 1)[0]
        page = page_of(line)
        self.assertLess(len(page.source), 50_000)
        self.assertTrue(page.rows("Largest decisions")[0]["Note"]["text"].endswith("…"))

    def test_odd_times(self):
        line = streams.lines(streams.Run(33, ["a"]), 1)[0]
        for times in ((0,), (-1, 5), (-(2**63), 2**63 - 1), (2**63 - 1,), (-(2**63),), (5, 3, 4)):
            self.check(page_of([line.replace(b'"recv_us":%d' % json.loads(line)["recv_us"], b'"recv_us":%d' % time) for time in times]))

    def test_great_numbers(self):
        great = Decimal("9223372036854.775807")
        account = {"v": 1, "type": "own_account", "feed": "mkt-decide", "venue": "mktpipe", "recv_us": 5, "rule": "a", "realized_pnl": great,
                   "fees_paid": -great, "unrealized_pnl": great, "pnl": great, "positions": 9}
        data = [(streams.spell(account | {"rule": name, "pnl": pnl}) + "\n").encode() for name, pnl in (("a", great), ("b", great), ("a", -great))]
        page = page_of(data)
        self.check(page)
        total = page.rows("Rules")[-1]
        self.assertEqual((value(total["Realized"]), value(total["P&L"]), value(total["Max drawdown"])), ("18446744073709.551614", "0", "18446744073709.551614"))


class Runs(unittest.TestCase):
    def setUp(self):
        self.data = streams.lines(streams.Run(40, ["a", "b[x=1]", "b[x=2]"]), 120)

    def test_nothing(self):
        for data in (b"", b'{"v":1,"type":"zukunft","recv_us":5}\n'):
            done = report(data)
            page = Page(done.stdout)
            self.assertIn("Nothing to report", page.source)
            self.assertEqual(page.tables, [])

    def test_the_same_lines_give_the_same_bytes(self):
        whole = report(self.data).stdout
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"".join(self.data))
            file.flush()
            with open(file.name, "rb") as data:
                self.assertEqual(run("mkt-decide", "--report", stdin=data).stdout, whole)
        # A pipe in small pieces, the last line without its newline.
        child = subprocess.Popen([tool("mkt-decide"), "--report"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        text = b"".join(self.data)[:-1]
        for start in range(0, len(text), 7919):
            child.stdin.write(text[start:start + 7919])
            child.stdin.flush()
        out, _ = child.communicate(timeout=60)
        self.assertEqual((out, child.returncode), (whole, 0))

    def test_what_others_say_is_passed_over(self):
        others = [
            b'{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":1,"price":0.5,"size":2,"aggressor_side":"buy"}\n',
            b'{"v":1,"type":"own_fill","feed":"kalshi","venue":"kalshi","market":"m","instrument":"i","recv_us":1,"trade_id":"1","side":"buy","price":0.5,"size":7}\n',
            b'{"v":1,"type":"stage_status","feed":"mkt-decide","venue":"mktpipe","recv_us":9,"stage":"mkt-decide","state":"stopped"}\n',
            b'{"v":1,"type":"zukunft","feed":"mkt-decide","venue":"mktpipe","recv_us":9}\n',
        ]
        mixed = [line for pair in zip(self.data, others * len(self.data)) for line in pair]
        text = report(mixed).stdout.decode()
        self.assertIn(f", {len(self.data):,} others passed over", text)
        self.assertEqual(re.sub(r", [\d,]+ others passed over", "", text).encode(), report(self.data).stdout)

    def test_malformed_lines_are_counted_and_told(self):
        bad = [b"{\n", self.data[0][:40] + b"\n", self.data[0].replace(b'"rule":', b'"ruel":')]
        done = report(self.data + bad)
        page = Page(done.stdout)
        self.assertTrue(any(note.startswith("3 lines could not be read") for note in page.notes), page.notes)
        self.assertRegex(done.stderr, rb"line \d+: .*")
        self.assertIn(b"skipped_missing_rule=1", done.stderr)
        strict = report(self.data + bad, "--strict", status=65)
        self.assertEqual(strict.stdout, b"")
        self.assertIn(b"--strict", strict.stderr)
        self.assertIn("1 line could not be read and is in no number", report(self.data + bad[:1]).stdout.decode())

    def test_what_does_not_add_up_is_told(self):
        self.assertEqual(page_of(self.data).notes, [])
        cut = [line for line in self.data if b'"own_fill"' not in line]
        notes = page_of(cut).notes
        self.assertTrue(any("Orders and fills do not agree" in note for note in notes) and any("Fees do not agree" in note for note in notes), notes)
        other = [line.replace(b"9f9f", b"aaaa").replace(b'"0.1.0"', b'"0.2.0"') for line in self.data]
        notes = page_of(self.data + other).notes
        for words in ("2 sets of rules", "2 builds", "Time runs backwards at 1 line"):
            self.assertTrue(any(words in note for note in notes), (words, notes))

    def test_options_that_make_no_sense(self):
        for options in (["--rules", "x.toml"], ["--links", "x.csv"], ["--pass-through"], ["--explain"], ["--check"], ["--verify", "x"], ["--limit", "3"]):
            done = report(b"", *options, status=64)
            self.assertIn(options[0].encode(), done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_settings_of_other_runs_do_not_matter(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mkt.toml")
            with open(path, "w") as file:
                file.write('[mkt-decide]\nrules = "nowhere.toml"\nlinks = "nowhere.csv"\npass-through = true\nlimit = 2\n')
            self.assertEqual(report(self.data, "--config", path).stdout, report(self.data).stdout)

    def test_decisions_of_a_real_run(self):
        with open(os.path.join(ROOT, "pipelines", "rules.toml"), "rb") as rules:
            self.assertIn(b"[rules.", rules.read())
        trade = '{"v":1,"type":"trade","feed":"pm","venue":"polymarket","market":"m","instrument":"i","recv_us":%d,"price":0.5,"size":90,"aggressor_side":"buy"}\n'
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rules.toml")
            with open(path, "w") as file:
                file.write('[rules.whale]\nstrategy = "trade_size"\nmin_notional = 15\n')
            decided = run("mkt-decide", "--rules", path, "--pass-through", stdin="".join(trade % (i * 1000) for i in range(30)).encode()).stdout
        rows = page_of(decided).rows("Rules")
        self.assertEqual([(row["Rule"]["text"], value(row["Decisions"])) for row in rows], [("whale", "30")])

    def test_memory_and_page_do_not_grow_with_the_stream(self):
        line = self.data[0].decode()
        line = line.replace(f'"recv_us":{json.loads(line)["recv_us"]}', '"recv_us":%d').replace('"rule":"' + json.loads(line)["rule"], '"rule":"r%d')
        used = []
        for count in (20_000, 120_000):
            with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as page:
                source.writelines((line % (streams.START_US + i * 977_131, i % 20)).encode() for i in range(count))
                source.seek(0)
                child = os.posix_spawn(
                    tool("mkt-decide"), ["mkt-decide", "--report", "--log-level", "error"], ENVIRONMENT,
                    file_actions=[(os.POSIX_SPAWN_DUP2, source.fileno(), 0), (os.POSIX_SPAWN_DUP2, page.fileno(), 1)])
                _, status, usage = os.wait4(child, 0)
                self.assertEqual(status, 0)
                used.append((usage.ru_maxrss, page.tell() or os.fstat(page.fileno()).st_size))
        (small, _), (large, size) = used
        self.assertLess(large - small, 8_000)
        self.assertLess(size, 2_000_000)


if __name__ == "__main__":
    unittest.main()
