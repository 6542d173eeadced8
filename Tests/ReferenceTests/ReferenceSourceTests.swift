import Testing
import UnixTool

@testable import Reference

@Suite struct ReferenceSourceTests {
    @Test(arguments: [
        ("postgres://me@db.example/mkt?sslmode=require", "postgres://db.example/mkt"), ("postgresql:///mkt", "postgres:///mkt"),
        ("sqlite:ref.db", "sqlite:ref.db"), ("sqlite:/var/lib/ref.db", "sqlite:/var/lib/ref.db"),
    ])
    func source_isShownWithoutUserAndOptions(text: String, shown: String) throws {
        for isFlag in [false, true] { #expect("\(try ReferenceSource(text, isFlag: isFlag))" == shown) }
    }

    @Test(arguments: [
        "postgres://me:secret-4711@db/mkt", "postgres://db/mkt?password=secret-4711", "postgres://db/mkt?sslpassword=secret-4711",
    ])
    func passwordOfAFlag_isRefused_andThatOfTheEnvironmentIsNot(text: String) throws {
        let failure = try #require(throws: ToolFailure.self) { try ReferenceSource(text, isFlag: true) }
        #expect(failure.status == .usage)
        #expect(failure.message.contains("PGPASSWORD or ~/.pgpass"))
        #expect(failure.message.contains("MKT_DECIDE_DB"))
        #expect(!failure.message.contains("4711"))
        let source = try ReferenceSource(text, isFlag: false)
        #expect(!"\(source) \(String(reflecting: source))".contains("4711"))
    }

    @Test(arguments: [
        "", "sqlite:", "ref.db", "mysql://me:secret-4711@db", "host=db password=secret-4711", "postgres://me:secret@4711@db/mkt",
        "postgres://db:47x11/",
    ])
    func textThatIsNone_saysWhatToGive_andNothingOfItself(text: String) throws {
        for (isFlag, status) in [(true, ExitStatus.usage), (false, .configuration)] {
            let failure = try #require(throws: ToolFailure.self) { try ReferenceSource(text, isFlag: isFlag) }
            #expect(failure.status == status)
            #expect(failure.message.contains("sqlite:FILE"))
            #expect(!failure.message.contains("11"))
        }
    }
}
