import TestSupport
import Testing

@testable import pm_feed

@Suite struct PolymarketSlotsTests {
    private func token(_ number: Int) -> String { "\(number)" }

    @Test func tokens_fillASocketTo400_thenTheNext() {
        var slots = PolymarketSlots(redundancy: 1)
        var lastSlot = 0
        func addSlot() -> Int {
            lastSlot += 1
            return lastSlot
        }
        for number in 0..<500 { _ = slots.add(["\(2 * number)", "\(2 * number + 1)"], addSlot: addSlot) }
        #expect(slots.groups.map(\.tokens.count) == [400, 400, 200] && lastSlot == 3 && slots.tokenCount == 1000)
    }

    @Test func twoTokensOfAMarket_stayTogether() {
        var slots = PolymarketSlots(redundancy: 1)
        _ = slots.add((0..<399).map(token), addSlot: { 1 })
        #expect(slots.add(["900", "901"], addSlot: { 2 }) == [.init(slot: 2, tokens: ["900", "901"])])
        #expect(slots.add(["902"], addSlot: { 3 }) == [.init(slot: 1, tokens: ["902"])])
    }

    @Test func tokensThatAreThere_areNoChange() {
        var slots = PolymarketSlots(redundancy: 1)
        #expect(slots.add(["1", "2", "1"], addSlot: { 1 }) == [.init(slot: 1, tokens: ["1", "2"])])
        #expect(slots.add(["2", "3"], addSlot: { 1 }) == [.init(slot: 1, tokens: ["3"])])
        #expect(slots.add(["1"], addSlot: { 1 }).isEmpty)
        #expect(slots.tokens(ofSlot: 1) == ["1", "2", "3"] && slots.tokens(ofSlot: 9).isEmpty)
    }

    @Test func redundantGroup_hasTwoSlots_forTheSameTokens() {
        var slots = PolymarketSlots(redundancy: 2)
        var lastSlot = 0
        let gains = slots.add(["1"]) {
            lastSlot += 1
            return lastSlot
        }
        #expect(gains == [.init(slot: 1, tokens: ["1"]), .init(slot: 2, tokens: ["1"])])
        #expect(slots.remove(["1"]).emptied == [1, 2])
    }

    @Test func tokenIsMoved_toAnotherSocket_alsoIfItWasTheOnlyOne() {
        var slots = PolymarketSlots(redundancy: 1)
        _ = slots.add(["1", "2"], addSlot: { 1 })
        let moved = slots.move("1", addSlot: { 2 })
        #expect(moved.losses == [.init(slot: 1, tokens: ["1"])] && moved.gains == [.init(slot: 2, tokens: ["1"])] && moved.emptied.isEmpty)
        // Not back to where it came from: a third socket.
        let last = slots.move("1", addSlot: { 3 })
        #expect(last.gains == [.init(slot: 1, tokens: ["1"])] && last.emptied == [2])
        #expect(slots.move("404", addSlot: { 4 }).gains.isEmpty)
    }

    @Test func groupOfASlowSocket_isHalved_downTo25() {
        var slots = PolymarketSlots(redundancy: 1)
        _ = slots.add((0..<100).map(token), addSlot: { 1 })
        let surplus = slots.halve(slot: 1)
        #expect(surplus == (50..<100).map(token))
        for token in surplus { _ = slots.move(token, addSlot: { 2 }) }
        #expect(slots.tokens(ofSlot: 1).count == 50 && slots.tokens(ofSlot: 2).count == 50)
        // It is full now: what comes goes elsewhere.
        #expect(slots.add(["900"], addSlot: { 3 }) == [.init(slot: 2, tokens: ["900"])])
        _ = slots.halve(slot: 1).map { slots.move($0, addSlot: { 3 }) }
        #expect(slots.tokens(ofSlot: 1).count == 25 && slots.halve(slot: 1).isEmpty && slots.halve(slot: 77).isEmpty)
    }

    @Test(arguments: 0..<30) func whateverHappens_eachTokenIsInOneGroup_andNoneIsTooLarge(seed: Int) {
        var chance = SeededGenerator(seed: UInt64(seed))
        let redundancy = 1 + chance.below(2)
        var slots = PolymarketSlots(redundancy: redundancy)
        var lastSlot = 0
        func addSlot() -> Int {
            lastSlot += 1
            return lastSlot
        }
        /// The model: what each slot carries, from the changes alone.
        var carried: [Int: Set<String>] = [:]
        var wanted: Set<String> = []
        func apply(gains: [PolymarketSlots.Change], losses: [PolymarketSlots.Change], emptied: [Int]) {
            for change in losses {
                #expect(carried[change.slot, default: []].isSuperset(of: change.tokens))
                carried[change.slot]?.subtract(change.tokens)
            }
            for slot in emptied { #expect(carried.removeValue(forKey: slot)?.isEmpty == true) }
            for change in gains {
                #expect(carried[change.slot, default: []].isDisjoint(with: change.tokens))
                carried[change.slot, default: []].formUnion(change.tokens)
            }
        }
        for _ in 0..<400 {
            let some = (0..<(1 + chance.below(60))).map { _ in token(chance.below(1500)) }
            switch chance.below(4) {
            case 0, 1:
                apply(gains: slots.add(some, addSlot: addSlot), losses: [], emptied: [])
                wanted.formUnion(some)
            case 2:
                let (losses, emptied) = slots.remove(some)
                apply(gains: [], losses: losses, emptied: emptied)
                wanted.subtract(some)
            default:
                let moved = slots.move(some[0], addSlot: addSlot)
                apply(gains: moved.gains, losses: moved.losses, emptied: moved.emptied)
            }
            #expect(slots.tokenCount == wanted.count && Set(slots.tokens) == wanted && slots.tokens.count == wanted.count)
            #expect(carried.values.allSatisfy { $0.count <= 400 && !$0.isEmpty })
            for name in some { #expect(slots.contains(name) == wanted.contains(name)) }
        }
        for name in wanted { #expect(carried.values.filter { $0.contains(name) }.count == redundancy) }
    }
}
