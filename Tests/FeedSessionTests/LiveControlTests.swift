import Curl
import TestSupport
import Testing
import UnixTool

@testable import FeedSession

/// What an adapter asks for comes out in its order, once.
@Suite struct LiveControlTests {
    private func control() -> LiveControl {
        LiveControl(Session(SessionRules(), at: 0), random: SeededGenerator(seed: 1))
    }

    private func words(_ wish: LiveControl.Wish) -> String {
        switch wish {
        case .send(let conn, let text, let masked): "send \(conn) \(text) \(masked ?? "-")"
        case .drop(let conn, let reason): "drop \(conn) \(reason)"
        case .request(let live, let request): "request \(live.id) \(live.recordedPath ?? "-") \(request.url)"
        }
    }

    @Test func wishes_keepTheirOrder_andAreTakenOnce() {
        let control = control()
        control.send("a", on: 1)
        control.drop(2, reason: "silent")
        #expect(control.request(RESTRequest(url: "http://h/x?key=1"), recordedPath: "/x").id == 1)
        control.send("{secret}", on: 1, masked: "{***}")
        #expect(control.request(RESTRequest(url: "http://h/y"), recordedPath: nil).id == 2)
        #expect(control.pendingRequestCount == 2)
        #expect(
            control.takeWishes().map(words) == [
                "send 1 a -", "drop 2 silent", "request 1 /x http://h/x?key=1", "send 1 {secret} {***}", "request 2 - http://h/y",
            ])
        #expect(control.takeWishes().isEmpty)
    }

    @Test func slotIsAddedAtTheTimeOfTheCall_andItsRemovalDropsItsSockets() {
        let control = control()
        control.nowMicros = 5_000_000
        let slot = control.addSlot()
        #expect(control.session.takeOpening(at: 4_999_999) == nil)
        #expect(control.session.takeOpening(at: 5_000_000) == .init(slot: slot, conn: 1))
        control.removeSlot(slot, reason: "not wanted")
        #expect(control.takeWishes().map(words) == ["drop 1 not wanted"])
    }

    @Test func slotsAndRequests_arePrivateOnlyIfSaidSo() {
        let control = control()
        let (_, own) = (control.addSlot(), control.addSlot(isRenewed: false, isPrivate: true))
        #expect(control.privateSlots == [own])
        #expect(!control.request(RESTRequest(url: "http://h/book"), recordedPath: "/book").isPrivate)
        #expect(control.request(RESTRequest(url: "http://h/trades"), recordedPath: "/trades", isPrivate: true).isPrivate)
    }

    @Test func theFirstWordAboutTheEnd_isTheOneThatCounts() {
        let control = control()
        #expect(control.finishReason == nil && control.failure == nil)
        for words in ["first", "second"] {
            control.finish(words)
            control.fail(ToolFailure(.unavailable, words))
        }
        #expect(control.finishReason == "first" && control.failure?.message == "first")
    }

    @Test func chance_staysInItsRange() {
        let control = control()
        for _ in 0..<500 {
            #expect((0...9).contains(control.jitter(upTo: 9)) && control.jitter(upTo: -5) == 0)
            #expect((0...500_000).contains(control.backoff(failures: 1)))
        }
        #expect(Set((0..<200).map { _ in control.jitter(upTo: 3) }) == [0, 1, 2, 3])
    }
}
