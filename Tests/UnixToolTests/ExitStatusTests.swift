import Testing
import UnixTool

// Testing has an ExitStatus too.
private typealias Status = UnixTool.ExitStatus

/// The numbers are the contract with scripts; each is written down here a second time.
@Suite struct ExitStatusTests {
    @Test(
        arguments: [
            (Status.done, 0), (.usage, 64), (.badData, 65), (.noInput, 66), (.unavailable, 69), (.bug, 70), (.cannotCreate, 73),
            (.ioError, 74),
            (.tryLater, 75), (.protocolBroken, 76), (.credentialsRefused, 77), (.configuration, 78),
        ] as [(Status, Int32)])
    fileprivate func status_hasItsNumber(_ status: Status, _ number: Int32) {
        #expect(status.rawValue == number)
        #expect(!status.meaning.isEmpty)
    }

    @Test func table_isComplete() {
        #expect(Status.allCases.map(\.rawValue) == [0, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78])
        #expect(Set(Status.allCases.map(\.meaning)).count == 12)
    }
}
