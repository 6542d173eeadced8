"""Reads a page of `mkt-decide --report` with Python's own parsers: what stands in its tables, and whether it is well formed and keeps to itself."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

VOID = {"meta"}
TAGS = set("html head meta title style body main h1 h2 p dl dt dd ul li div b span table thead tbody tr th td data time bdi figure figcaption small "
           "svg desc path rect text".split())
ATTRIBUTES = set("lang charset http-equiv content name class role scope title tabindex value datetime xmlns viewbox aria-labelledby aria-hidden id d x y width "
                 "height".split())


class Page(HTMLParser):
    """Tables as lists of dicts by column, texts by tag; fails on anything that is not balanced or not on the list."""

    def __init__(self, data):
        super().__init__(convert_charrefs=True)
        self.source = data.decode("utf-8")
        self.open, self.ids, self.headings, self.tables, self.notes, self.problems = [], [], [], [], [], []
        self.cell, self.row, self.style = None, None, ""
        self.feed(self.source)
        self.close()
        assert self.open == [], self.open
        assert not self.problems, self.problems[:5]
        assert len(set(self.ids)) == len(self.ids), "an id stands twice"

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in TAGS or not set(given) <= ATTRIBUTES or len(given) < len(attributes):
            self.problems.append(f"<{tag} {attributes}>")
        self.ids += [given["id"]] if "id" in given else []
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append((self.headings[-1], [], []))
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = {"text": "", "value": None, "title": given.get("title")}
        elif tag in ("data", "time") and self.cell is not None:
            self.cell["value"] = given.get("value", given.get("datetime"))
            self.cell["title"] = given.get("title")
        elif tag == "h2":
            self.headings.append("")
        elif tag == "li" and "figcaption" not in self.open:
            self.notes.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes another element")
        elif tag in ("td", "th") and self.row is not None:
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr":
            _, columns, rows = self.tables[-1]
            if columns:
                rows.append(self.row)
            else:
                columns += [cell["text"] for cell in self.row]
            self.row = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell["text"] += data
        elif "h2" in self.open:
            self.headings[-1] += data
        elif "li" in self.open and "figcaption" not in self.open:
            self.notes[-1] += data
        elif "style" in self.open:
            self.style += data

    def handle_comment(self, data):
        self.problems.append(f"a comment: {data}")

    def rows(self, heading):
        """Rows of the tables under a heading as dicts of cells; rows of sums too."""
        return [dict(zip(columns, row)) for name, columns, rows in self.tables if name == heading for row in rows]

    @property
    def svgs(self):
        """Every drawing as a tree of XML."""
        return [ElementTree.fromstring(text) for text in re.findall(r"<svg.*?</svg>", self.source, re.DOTALL)]

    def chart(self, name):
        """The drawing whose title begins so."""
        return next(svg for svg in self.svgs if (svg.findtext(f"{SVG}title") or "").startswith(name))


SVG = "{http://www.w3.org/2000/svg}"


def value(cell):
    """What a cell says to machines; None for a dash."""
    return cell["value"] if cell["value"] is not None else None if cell["text"] == "–" else cell["text"]


def shown(text):
    """A text as the page may show it: controls and turning marks replaced."""
    text = re.sub("[\t\n\r\u2028\u2029]", " ", text)
    return re.sub("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]", "\ufffd", text)
