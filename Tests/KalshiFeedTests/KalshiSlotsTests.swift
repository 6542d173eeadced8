import Testing

@testable import kalshi_feed

@Suite struct KalshiSlotsTests {
    private final class Counter {
        var last = 0
        func next() -> Int {
            last += 1
            return last
        }
    }

    private func slots(redundancy: Int = 1, most: Int = 1000) -> (KalshiSlots, Counter) {
        let counter = Counter()
        var slots = KalshiSlots(redundancy: redundancy, tickersMax: most)
        slots.begin { counter.next() }
        return (slots, counter)
    }

    @Test func allMarkets_goOverOneSocket() {
        var (slots, counter) = slots()
        #expect(slots.add(["A", "B", "A"], addSlot: counter.next) == [.init(slot: 1, tickers: ["A", "B"])])
        #expect(slots.add(["B", "C"], addSlot: counter.next) == [.init(slot: 1, tickers: ["C"])])
        #expect(slots.tickers(ofSlot: 1) == ["A", "B", "C"] && slots.isFirst(slot: 1) && counter.last == 1)
    }

    @Test func redundancy_carriesEachMarketTwice() {
        var (slots, counter) = slots(redundancy: 2)
        #expect(slots.add(["A"], addSlot: counter.next).map(\.slot) == [1, 2])
        #expect(slots.isFirst(slot: 2) && slots.tickers(ofSlot: 2) == ["A"])
    }

    @Test func beyondTheMost_another_socket() {
        var (slots, counter) = slots(most: 2)
        let changes = slots.add(["A", "B", "C"], addSlot: counter.next)
        #expect(changes == [.init(slot: 1, tickers: ["A", "B"]), .init(slot: 2, tickers: ["C"])])
        #expect(!slots.isFirst(slot: 2))
    }

    @Test func overflow_movesTheRest_andTeachesTheMost() {
        var (slots, counter) = slots()
        _ = slots.add(["A", "B", "C", "D", "E"], addSlot: counter.next)
        let (losses, gains) = slots.overflow(slot: 1, ["C", "D", "E"], addSlot: counter.next)
        #expect(losses == [.init(slot: 1, tickers: ["C", "D", "E"])])
        #expect(gains == [.init(slot: 2, tickers: ["C", "D"]), .init(slot: 3, tickers: ["E"])])
        #expect(slots.add(["F", "G"], addSlot: counter.next) == [.init(slot: 3, tickers: ["F"]), .init(slot: 4, tickers: ["G"])])
    }

    @Test func firstGroup_staysWithoutMarkets_othersGo() {
        var (slots, counter) = slots(most: 1)
        _ = slots.add(["A", "B"], addSlot: counter.next)
        let (changes, emptied) = slots.remove(["A", "B", "Z"])
        #expect(changes.map(\.slot) == [1, 2] && emptied == [2] && slots.tickerCount == 0)
        #expect(slots.add(["C"], addSlot: counter.next).map(\.slot) == [1])
    }
}
