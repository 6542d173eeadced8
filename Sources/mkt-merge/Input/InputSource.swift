import Glibc
import Segments
import UnixTool

/// An opened input: a descriptor and what it is.
struct InputSource {
    let path: String
    /// For messages.
    let name: String
    let descriptor: Int32
    let kind: MergeOrder.Kind
    /// Whether it is a FIFO with a name, which writers can come back to. `<(…)` and `/dev/stdin` are pipes without one.
    let isNamedPipe: Bool
    /// Whether somebody may write to it still, so that what stands behind its last newline is no line yet.
    private(set) var isGrowing = false
    /// The segments in it, if it is a directory; its descriptor is none then.
    private(set) var segments: SegmentListing?

    /// Opens every input before the first is read; a failure is one of the whole run.
    static func openAll(_ paths: [String], _ faults: SegmentFaults) throws(ToolFailure) -> [InputSource] {
        guard !paths.isEmpty else { return [standardInput] }
        guard paths.count(where: { $0 == "-" }) <= 1 else {
            throw ToolFailure(.usage, "standard input (-) is named twice; it can be read only once")
        }
        var sources: [InputSource] = []
        var folders: [FileStatus.Identity: String] = [:]
        for path in paths { sources.append(path == "-" ? standardInput : try openAny(path, &folders, faults)) }
        return sources
    }

    /// A directory is read segment by segment; all else is opened now.
    ///
    /// - Parameter folders: What is read already, below other directories.
    private static func openAny(
        _ path: String, _ folders: inout [FileStatus.Identity: String], _ faults: SegmentFaults
    ) throws(ToolFailure) -> InputSource {
        guard FileStatus(path)?.isDirectory == true else { return try open(path) }
        var source = InputSource(path: path, name: path, descriptor: -1, kind: .recorded, isNamedPipe: false)
        source.segments = try SegmentListing(path, others: folders, advice: .inputs, faults)
        folders.merge(source.segments?.folders ?? [:]) { first, _ in first }
        return source
    }

    private static var standardInput: InputSource {
        InputSource(path: "-", name: "standard input", descriptor: 0, kind: kind(of: 0), isNamedPipe: false)
    }

    /// Opens a path without waiting: a FIFO has no writer yet, and to wait for one would keep the others from being read.
    ///
    /// O_NONBLOCK is of the description that this call makes, so nobody else is touched by it; regular files know none.
    static func open(_ path: String) throws(ToolFailure) -> InputSource {
        let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let advice = errno == EMFILE ? "too many inputs overlap in time; raise ulimit -n" : "check the path"
            throw ToolFailure(.noInput, "cannot open \(path): \(SystemError.text()); \(advice)")
        }
        guard !Descriptor.isDirectory(descriptor) else {
            close(descriptor)
            throw ToolFailure(.noInput, "\(path) is a directory; name the files in it")
        }
        guard !Descriptor.isStandardOutput(descriptor) else {
            close(descriptor)
            throw ToolFailure(.usage, "\(path) is also the output; write to another file and rename it")
        }
        return InputSource(
            path: path, name: path, descriptor: descriptor, kind: kind(of: descriptor), isNamedPipe: isNamedPipe(descriptor))
    }

    private static func kind(of descriptor: Int32) -> MergeOrder.Kind {
        Descriptor.isRegularFile(descriptor) ? .recorded : .live
    }

    /// Pipes without a name live on a device of their own: that of any pipe we make.
    private static func isNamedPipe(_ descriptor: Int32) -> Bool {
        var ends: [Int32] = [-1, -1]
        guard Descriptor.isPipe(descriptor), pipe(&ends) == 0 else { return false }
        defer { ends.forEach { close($0) } }
        var nameless = stat()
        var status = stat()
        return fstat(ends[0], &nameless) == 0 && fstat(descriptor, &status) == 0 && nameless.st_dev != status.st_dev
    }
}

extension InputSource {
    /// A segment of a directory.
    init(_ segment: SegmentSource) {
        self.init(path: segment.path, name: segment.path, descriptor: segment.descriptor, kind: .recorded, isNamedPipe: false)
        isGrowing = segment.isGrowing
    }
}

extension SegmentListing.Advice {
    /// For a directory among the inputs.
    static let inputs = SegmentListing.Advice(strangers: "name them as inputs too", noSegments: "name the files in it")
}
