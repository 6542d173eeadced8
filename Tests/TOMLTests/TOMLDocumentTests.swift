import TOML
import Testing

@Suite struct TOMLDocumentTests {
    private func parse(_ text: String) throws -> TOMLTable { try TOMLDocument.parse(text) }

    private func fault(_ text: String) -> TOMLError? {
        do {
            _ = try TOMLDocument.parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("0.050", "0.050"), ("1_000.5", "1000.5"), ("1e3", "1e3"), ("-0.5", "-0.5"), ("+0.5", "+0.5"), ("5E-1", "5E-1"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"), ("9223372036854.775807", "9223372036854.775807"),
        ("0.000001", "0.000001"), ("6.02e+23", "6.02e+23"), ("inf", "inf"), ("nan", "nan"), ("-0.0", "-0.0"),
    ])
    func decimal_keepsItsText(_ text: String, _ kept: String) throws {
        for document in [
            "a = \(text)", "a = \(text)\n", "a = \(text)\r\n", "a=\(text)  # é", "\t a\t=\t\(text)\t\n", "\n\n'a' = \(text)",
            "x = 'é🙂'\na = \(text)",
            "\u{FEFF}a = \(text)",
        ] {
            #expect(try parse(document)["a"]?.number == kept, "\(document)")
            #expect(try parse(document)["a"]?.plainText == kept, "\(document)")
        }
    }

    @Test func decimals_insideOthers_keepTheirText() throws {
        let table = try parse(
            """
            list = [0.10, 0.20,0.30 , 0.40]
            spread = [
              0.50, # é
              0.60
            ]
            inline = { é = "ü🙂", b = 0.70, c = { d = 0.80 } }
            quoted."é.ü".z = 0.90
            """.replacing("{ é", with: "{ 'é'"))
        #expect(table["list"]?.array?.map(\.number) == ["0.10", "0.20", "0.30", "0.40"])
        #expect(table["spread"]?.array?.map(\.number) == ["0.50", "0.60"])
        #expect(table["inline"]?.table?["b"]?.number == "0.70")
        #expect(table["inline"]?.table?["c"]?.table?["d"]?.number == "0.80")
        #expect(table["quoted"]?.table?["é.ü"]?.table?["z"]?.number == "0.90")
    }

    @Test(arguments: ["é", "🙂", "👩‍👩‍👧", "e\u{301}", "\u{2028}", "\u{85}", "日本語"])
    func decimalBehindOtherLetters_keepsItsText(_ letters: String) throws {
        #expect(
            try parse("a = [\"\(letters)\", 0.50, '\(letters)', 0.60]\nb = 0.70 # \(letters)\nc = 0.80")["a"]?.array?[1].number == "0.50")
        let table = try parse("a = { x = \"\(letters)\", y = 0.50 }\n# \(letters)\nb = 0.70 # \(letters)\nc = 0.80\n")
        #expect(table["a"]?.table?["y"]?.number == "0.50")
        #expect(table["b"]?.number == "0.70")
        #expect(table["c"]?.number == "0.80")
        #expect(table["c"]?.line == 4)
    }

    @Test func decimalBehindAMultiLineString_keepsItsText() throws {
        let table = try parse("a = [\"\"\"é\nü\"\"\", 0.50]\r\nb = '''\r\né\r\n''' # x\r\nc = 0.60\r\n")
        #expect(table["a"]?.array?[1].number == "0.50")
        #expect(table["c"]?.number == "0.60")
        #expect(table["c"]?.line == 6)
    }

    @Test func everyKind_isTold() throws {
        let table = try parse(
            """
            text = "a\\tb\\u00e9"
            whole = 1_000
            hex = 0x1F
            yes = true
            no = false
            day = 2026-09-25
            moment = 2026-09-25T10:00:00.5Z
            """)
        #expect(table["text"]?.plainText == "a\tbé")
        #expect(table["text"]?.number == nil)
        #expect(table["whole"]?.number == "1000")
        #expect(table["hex"]?.number == "31")
        #expect(table["yes"]?.plainText == "true")
        #expect(table["no"]?.plainText == "false")
        #expect(table["day"]?.plainText == "2026-09-25")
        #expect(table["moment"]?.plainText == "2026-09-25T10:00:00.5Z")
        #expect(
            table.entries.map(\.value.kindName) == [
                "a string", "a whole number", "a whole number", "true or false", "true or false", "a time", "a time",
            ])
        #expect(table["nothing"] == nil)
    }

    @Test func integersAtTheBorders_areExact() throws {
        let table = try parse("a = 9223372036854775807\nb = -9223372036854775808")
        #expect(table["a"]?.number == "9223372036854775807")
        #expect(table["b"]?.number == "-9223372036854775808")
        #expect(fault("a = 9223372036854775808") != nil)
    }

    @Test func order_isTheAuthors() throws {
        let table = try parse(
            """
            zulu = 1
            alpha = 2
            mike.x = 3
            bravo = { z = 1, a = 2 }

            [rules.zoo]
            a = 1
            [rules.ant]
            [[links]]
            z = 1
            [[links]]
            a = 1
            [early]
            [rules.bee]
            """)
        #expect(table.entries.map(\.key) == ["zulu", "alpha", "mike", "bravo", "rules", "links", "early"])
        #expect(table["rules"]?.table?.entries.map(\.key) == ["zoo", "ant", "bee"])
        #expect(table["bravo"]?.table?.entries.map(\.key) == ["z", "a"])
        #expect(table["links"]?.array?.map { $0.table?.entries.first?.key } == ["z", "a"])
    }

    @Test func lines_areThoseOfTheText() throws {
        let table = try parse("a = 1\r\n\r\n# é\n[b]\nc = 0.5\nd = [\n1,\n2]\n[e.f]\n")
        #expect(table["a"]?.line == 1)
        #expect(table["b"]?.line == 4)
        #expect(table["b"]?.table?["c"]?.line == 5)
        #expect(table["b"]?.table?["d"]?.array?.map(\.line) == [7, 8])
        #expect(table["e"]?.table?["f"]?.line == 9)
    }

    @Test(arguments: [
        ("a = ", 1), ("\n\na = 1\na = 2\n", 4), ("a = 1\nb = 01\n", 2), ("[a\n", 1), ("a = \"x\n", 1), ("a = 1 b = 2", 1), ("= 1", 1),
        ("\n\n\n[a]\n[a]\n", 5), ("a = 1\n\u{1}", 2), ("a.b = 1\na = 2\n", 2), ("a = [1,,2]", 1), ("a = 1979-13-01", 1),
    ])
    func fault_carriesItsLine(_ text: String, _ line: Int) {
        #expect(fault(text)?.line == line)
        #expect(fault(text)?.reason.isEmpty == false)
    }

    @Test(arguments: ["", "\n", "# only a comment", "\u{FEFF}", " \t\r\n"])
    func documentWithoutAnything_isAnEmptyTable(_ text: String) throws {
        #expect(try parse(text).entries.isEmpty)
    }
}
