import Testing

@testable import FeedSession

@Suite struct FlatStoreTests {
    @Test func elements_stayInOrder_howeverTheMemoryGrows() {
        var store = FlatStore<Int>(capacity: 0)
        #expect(Array(store.elements).isEmpty)
        for number in 0..<100 { store.append(number) }
        #expect(Array(store.elements) == Array(0..<100))
        let last = store[99]
        #expect(last == 99)
        store[3] = -3
        #expect(Array(store.elements)[3...4] == [-3, 4])
    }

    @Test func truncate_andRemoveAll_forget() {
        var store = FlatStore<Int>()
        for number in 0..<100 { store.append(number) }
        store.truncate(to: 2)
        #expect(Array(store.elements) == [0, 1])
        store.append(7)
        #expect(Array(store.elements) == [0, 1, 7])
        for kept in [1000, 10, 0] {
            store.removeAll(keeping: kept)
            #expect(Array(store.elements).isEmpty)
            for number in 0..<50 { store.append(number) }
            #expect(Array(store.elements) == Array(0..<50))
        }
    }
}
