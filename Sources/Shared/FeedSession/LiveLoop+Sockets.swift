import JSON
import MarketModel
import UnixTool
import WebSocketClient

/// Sockets: opening, reading, sending, and what their end means.
extension LiveLoop {
    /// Nothing at all was received for so long: the peer is gone, though nobody said so (half-open TCP).
    private static var silenceMicrosMax: Int64 { 25_000_000 }
    /// Nothing was received for so long: a ping asks whether anybody is there.
    private static var pingAfterMicros: Int64 { 10_000_000 }

    func openSockets(at time: Timestamp) throws {
        while let opening = control.session.takeOpening(at: time.micros) { try open(opening, at: time) }
    }

    private func open(_ opening: Session.Opening, at time: Timestamp) throws {
        counters.add("socket_attempts")
        let (address, headers) = try adapter.dial(slot: opening.slot, at: time)
        let proxy: HTTPProxy?
        let client: WebSocketClient
        do {
            proxy = try HTTPProxy.find(for: address, environment: environment)
            client = try WebSocketClient(
                address, headers: headers, tls: tls, proxy: proxy, limits: WebSocketLimits(), at: Clock.monotonicMicros())
        } catch let error as HTTPProxyError {
            throw ToolFailure(.configuration, "\(error)")
        } catch {
            throw ToolFailure(.configuration, "cannot ask \(address) for a WebSocket: \(error); correct the address")
        }
        let isPrivate = control.privateSlots.contains(opening.slot)
        logger.debug("connection \(opening.conn): opening \(address)")
        sockets.append(LiveSocket(conn: opening.conn, slot: opening.slot, address, client, isPrivate: isPrivate))
    }

    // MARK: Reading

    /// Reads what has come, from every socket once, and hands it on with the time of the read.
    func readSockets() throws {
        if isPaused { return }
        let monotonic = Clock.monotonicMicros()
        for socket in sockets {
            socket.client.advance(at: monotonic)
            let time = now()
            try takeEvents(of: socket, at: time)
            if socket.isTold, socket.client.isOpen { try watch(socket, monotonic, at: time) }
        }
    }

    private func takeEvents(of socket: LiveSocket, at time: Timestamp) throws {
        while let event = socket.client.next() {
            switch event {
            case .opened:
                try tellOpened(socket, at: time)
            case .text(let bytes):
                try take(bytes, socket, at: time)
            case .binary(let bytes):
                // A recording has no place for them, so the stream must not count them.
                counters.add("binary_frames")
                try engine.output.faults.keep(text(bytes, socket).bytes, reason: "a binary frame", at: time)
            case .ended(let end):
                try ended(socket, SocketTrouble(end, dateMicros: socket.client.serverDateMicros ?? time.micros), at: time)
                return
            }
            // What is left waits with the socket.
            if engine.output.wantsPause { return }
        }
    }

    private func tellOpened(_ socket: LiveSocket, at time: Timestamp) throws {
        socket.isTold = true
        control.openConns.insert(socket.conn)
        control.session.opened(socket.conn, at: time.micros)
        try take(.opened(conn: socket.conn, at: time), address: socket.address.description)
        try step(at: time) { try self.adapter.opened(conn: socket.conn, slot: socket.slot, self.control, at: time) }
    }

    private func take(_ bytes: UnsafeBufferPointer<UInt8>, _ socket: LiveSocket, at time: Timestamp) throws {
        unwrittenSince = unwrittenSince ?? time
        if try take(.received(conn: socket.conn, frame: text(bytes, socket), at: time)) {
            control.session.noteData(socket.conn, at: time.micros)
        }
        try settle(at: time)
    }

    /// What came, without secrets: from here on nobody sees them.
    private func text(_ bytes: UnsafeBufferPointer<UInt8>, _ socket: LiveSocket) -> JSONText {
        socket.isPrivate ? secrets.mask(JSONText(bytes), &masked) : JSONText(bytes)
    }

    /// Records an entry and hands it to the engine.
    @discardableResult
    func take(_ entry: RecordingEntry, address: String = "") throws -> Bool {
        try recorder?.recorder.write(entry, address: address)
        lastEntry = entry.time
        return try engine.take(entry)
    }

    /// Notices a peer that is gone without a word.
    private func watch(_ socket: LiveSocket, _ monotonic: Int64, at time: Timestamp) throws {
        let silence = monotonic - socket.client.lastReceivedMicros
        if silence > LiveLoop.silenceMicrosMax {
            return try drop(socket.conn, SocketTrouble(.lost, "nothing received for \(silence / 1_000_000) s"), at: time)
        }
        if adapter.sendsProtocolPings, silence > LiveLoop.pingAfterMicros, monotonic - socket.pingedMicros > LiveLoop.pingAfterMicros {
            socket.pingedMicros = monotonic
            socket.client.ping()
        }
    }

    // MARK: Sending

    func send(_ text: String, masked: String?, on conn: Int64, at time: Timestamp) throws {
        guard let socket = sockets.first(where: { $0.conn == conn }), socket.client.isOpen else { return }
        socket.client.send(text: text)
        var told = masked ?? text
        try told.withUTF8 { bytes in
            _ = try take(.sent(conn: conn, frame: JSONText(bytes), at: time))
        }
    }

    // MARK: The end of a socket

    /// We close a socket; what the peer still says is not waited for.
    func drop(_ conn: Int64, _ trouble: SocketTrouble, at time: Timestamp) throws {
        guard let socket = sockets.first(where: { $0.conn == conn }) else { return }
        try ended(socket, trouble, at: time)
    }

    private func ended(_ socket: LiveSocket, _ found: SocketTrouble, at time: Timestamp) throws {
        socket.client.abandon()
        sockets.removeAll { $0 === socket }
        control.openConns.remove(socket.conn)
        let trouble = adapter.judge(conn: socket.conn, slot: socket.slot, found.masked(by: secrets))
        let outcome = control.session.ended(socket.conn, trouble, at: time.micros, random: &control.random)
        counters.add(socket.isTold ? "sockets_lost" : "socket_attempts_failed")
        switch outcome {
        case .retry(let wait):
            logger.warning("connection \(socket.conn): \(trouble.words); trying again in \(Durations.text(wait / 1000 * 1000))")
            try tellClosed(socket.conn, trouble, retryMicros: wait, at: time)
        case .nothing:
            logger.info("connection \(socket.conn): \(trouble.words)")
            try tellClosed(socket.conn, trouble, retryMicros: nil, at: time)
        case .giveUp(let failure):
            try tellClosed(socket.conn, trouble, retryMicros: nil, at: time)
            throw failure.toolFailure
        }
        try step(at: time) { try self.adapter.ended(conn: socket.conn, slot: socket.slot, trouble, self.control, at: time) }
    }

    /// Timers have run since the last entry, and no socket is there to end: a replay must know how far they ran.
    func tellEnd(at time: Timestamp) throws {
        guard let lastEntry, engine.time > lastEntry, let conn = control.session.latestConn else { return }
        try tellClosed(conn, SocketTrouble(.lost, "stopped"), retryMicros: nil, at: time)
    }

    /// At the end of the run: a close frame is worth a try, its answer is not waited for.
    func close(_ socket: LiveSocket, _ trouble: SocketTrouble, retryMicros: Int64?, at time: Timestamp) throws {
        socket.client.close(code: 1000)
        socket.client.advance(at: Clock.monotonicMicros())
        socket.client.abandon()
        sockets.removeAll { $0 === socket }
        try tellClosed(socket.conn, trouble, retryMicros: retryMicros, at: time)
    }

    private func tellClosed(_ conn: Int64, _ trouble: SocketTrouble, retryMicros: Int64?, at time: Timestamp) throws {
        var words = trouble.words
        try words.withUTF8 { bytes in
            _ = try take(
                .closed(conn: conn, code: trouble.code, reason: JSONText(bytes), retryMicros: retryMicros, at: time))
        }
    }
}
