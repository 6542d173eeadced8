import Testing
import UnixTool

@testable import mkt_decide

/// Every message names file and line, and what to write instead.
struct LinkFileTests {
    private let head = "left_venue,left_instrument,right_venue,right_instrument,relation,confidence,status\n"
    private let good = "polymarket,74,kalshi,KX,same,0.98,approved\n"

    private func message(_ text: String, _ path: String = "l.csv") -> String {
        do {
            _ = try LinkFile.parse(text, path: path)
            return "no failure"
        } catch {
            #expect(error.status == .configuration)
            return error.message
        }
    }

    @Test func links_areCountedAndSorted() throws {
        let rest = "polymarket,73,kalshi,\"K\"\"X,1\",inverse,1,approved\r\n\r\nx,1,y,2,same,0,pending\r\nx,1,y,3,same,0.5,rejected"
        let links = try LinkFile.parse("\u{FEFF}" + head + good + rest, path: "l.csv")
        #expect(links.approved.map(\.summary) == ["polymarket 73 inverse of kalshi K\"X,1", "polymarket 74 same as kalshi KX"])
        #expect(links.report.hasPrefix("links: 2 approved, 1 pending, 1 rejected, sha256 \(links.hash)\npolymarket 73 "))
        #expect(links.report.hasSuffix("\npolymarket 74 same as kalshi KX (confidence 0.98)\n"))
    }

    @Test func columns_standInAnyOrder_andTheHashIsThatOfTheLinks() throws {
        let other =
            "status,relation,left_venue,right_venue,confidence,right_instrument,left_instrument\napproved,same,polymarket,kalshi,0.5,KX,74"
        let toml = """
            [[links]]
            left_venue = "polymarket"
            left_instrument = "74"
            right_venue = "kalshi"
            right_instrument = "KX"
            relation = "same"
            confidence = 0.98
            status = "approved"
            """
        let hash = try LinkFile.parse(head + good, path: "l.csv").hash
        #expect(try LinkFile.parse(other, path: "l.csv").hash == hash)
        #expect(try LinkFile.parse(toml, path: "l.toml").hash == hash)
        #expect(try LinkFile.parse(head + good.replacing("same", with: "inverse"), path: "l.csv").hash != hash)
    }

    @Test func note_isForPeople_andChangesNothing() throws {
        let hash = try LinkFile.parse(head + good, path: "l.csv").hash
        let noted = head.replacing("status", with: "status,note") + good.replacing("approved", with: "approved,\"left: \"\"a\"\", b\"")
        #expect(try LinkFile.parse(noted, path: "l.csv").hash == hash)
        #expect(try LinkFile.parse(noted.replacing("left: ", with: ""), path: "l.csv").approved.count == 1)
        let empty = head.replacing("status", with: "status,note") + good.replacing("approved", with: "approved,")
        #expect(try LinkFile.parse(empty, path: "l.csv").hash == hash)
        let toml = """
            [[links]]
            left_venue = "polymarket"
            left_instrument = "74"
            right_venue = "kalshi"
            right_instrument = "KX"
            relation = "same"
            confidence = 0.5
            status = "approved"
            note = "two lines\\nof it"
            """
        #expect(try LinkFile.parse(toml, path: "l.toml").hash == hash)
        #expect(message(head.replacing("status", with: "status,noet") + good).contains("did you mean 'note'?"))
    }

    @Test func csv_faults() {
        let all = "left_venue, left_instrument, right_venue, right_instrument, relation, confidence, status"
        #expect(message("").hasPrefix("l.csv:1: the file is empty; its first line names the columns: left_venue,"))
        #expect(
            message(head.replacing("relation", with: "relatoin") + good)
                == "l.csv:1: a link has no 'relatoin'; did you mean 'relation'? It has \(all)")
        #expect(
            message(head.replacing(",status", with: "")).hasPrefix("l.csv:1: column 'status' is missing; the first line is left_venue,"))
        #expect(message(head.replacing("status", with: "relation")) == "l.csv:1: column 'relation' stands twice; take one out")
        #expect(message(head + "a,b,c\n") == "l.csv:2: 3 fields where the first line has 7; quote fields that hold commas")
        #expect(
            message(head + "\n" + good.replacing("same", with: "smae"))
                == "l.csv:3: relation is 'smae'; did you mean 'same'? Give same or inverse")
        #expect(
            message(head + good.replacing("approved", with: "aproved"))
                == "l.csv:2: status is 'aproved'; did you mean 'approved'? Give approved or pending or rejected")
        for wrong in ["1.000001", "-0.1", "high", "0.9800001"] {
            #expect(
                message(head + good.replacing("0.98", with: wrong))
                    == "l.csv:2: confidence is '\(wrong)'; give a decimal from 0 to 1, such as 0.98")
        }
        #expect(message(head + good.replacing("74", with: "")) == "l.csv:2: left_instrument is empty; fill it or take the link out")
        #expect(message(head + good.replacing("74", with: "74 ")) == "l.csv:2: left_instrument is '74 '; take the blanks around it away")
        #expect(message(head + good.replacing("74", with: "\"74")) == "l.csv:2: a quoted field has no end; close it on its line")
        #expect(message(head + good.replacing("74", with: "\"7\"4")).hasPrefix("l.csv:2: text behind a closing quote; "))
        #expect(message(head + good.replacing("74", with: "7\"4")).hasPrefix("l.csv:2: a quote inside a field; "))
    }

    @Test func linksThatContradictEachOther() {
        #expect(message(head + good + "\n" + good) == "l.csv:4: links the instruments of line 2 again; take one of the two out")
        #expect(
            message(head + good + "kalshi,KX,polymarket,74,inverse,1,rejected\n").hasPrefix(
                "l.csv:3: links the instruments of line 2 again"))
        #expect(message(head + "x,1,x,1,same,1,approved\n") == "l.csv:2: links an instrument to itself; take the line out")
    }

    @Test func toml_faults() {
        #expect(message("[[links]\n", "l.toml").hasPrefix("l.toml:1: not TOML: "))
        #expect(message("[[link]]\n", "l.toml").hasPrefix("l.toml:1: a links file holds only [[links]] tables, not 'link'"))
        #expect(message("links = 5\n", "l.toml") == "l.toml:1: links is a whole number; write [[links]] tables")
        #expect(message("links = [5]\n", "l.toml") == "l.toml:1: a link is a whole number; write a [[links]] table")
        #expect(
            message("[[links]]\nleft_instrument = 74\n", "l.toml") == "l.toml:2: left_instrument is a whole number; give a text in quotes")
        #expect(
            message("[[links]]\nleft_venue = \"x\"\n", "l.toml").hasPrefix("l.toml:1: left_instrument is missing; a link has left_venue,"))
        #expect(
            message("[[links]]\nleft_venu = \"x\"\n", "l.toml").hasPrefix("l.toml:2: a link has no 'left_venu'; did you mean 'left_venue'?")
        )
        #expect(message("", "l.toml") == "no failure")
    }
}
