import Curl
import FeedSession
import Logging
import MarketModel
import WebSocketClient

/// The account's own part of a live session: its socket, and what REST is asked after a break. Nothing of the books is touched here.
struct PolymarketUserSession {
    private var socket: PolymarketUserSocket
    private var catchUp: PolymarketUserCatchUp
    private let channel: PolymarketUserChannel
    private let logger: Logger
    private let hasAddress: Bool
    /// Connections that have proved to be up.
    private var provedConns: Set<Int64> = []
    private var openConns: Set<Int64> = []

    /// nil without `--user`.
    init?(
        _ configuration: PolymarketLiveConfiguration, _ credentials: PolymarketCredentials?, _ channel: PolymarketUserChannel,
        _ logger: Logger
    ) {
        guard let address = configuration.userAddress, let credentials else { return nil }
        socket = PolymarketUserSocket(address, credentials)
        catchUp = PolymarketUserCatchUp(credentials, clob: configuration.questions.clob)
        hasAddress = credentials.address != nil
        self.channel = channel
        self.logger = logger
    }

    var slot: Int? { socket.slot }

    var address: WebSocketAddress { socket.address }

    mutating func start(_ control: LiveControl) {
        socket.start(control)
        if !hasAddress {
            logger.notice("POLYMARKET_ADDRESS is not set: own fills that happen while the user channel is down cannot be fetched")
        }
    }

    mutating func opened(_ conn: Int64, at time: Timestamp) {
        openConns.insert(conn)
        socket.opened(conn, at: time)
    }

    /// nil for a socket of another slot.
    mutating func judge(_ conn: Int64, slot: Int, _ trouble: SocketTrouble) -> SocketTrouble? {
        guard slot == socket.slot else { return nil }
        return socket.judge(conn, trouble, hasSpoken: channel.isLive(conn))
    }

    mutating func ended(_ conn: Int64, _ trouble: SocketTrouble, at time: Timestamp) {
        openConns.remove(conn)
        provedConns.remove(conn)
        // From when we have said who we are on, trades are told there.
        if socket.ended(conn), trouble.kind != .credentials { catchUp.broke(at: time) }
    }

    mutating func act(_ control: LiveControl, at time: Timestamp) {
        if socket.act(control, at: time) { catchUp.asks(at: time) }
        for conn in openConns where channel.isLive(conn) && provedConns.insert(conn).inserted { catchUp.proved(at: time) }
        catchUp.act(control, at: time)
    }

    var nextDeadline: Timestamp? { .earliest(socket.nextDeadline, catchUp.nextDeadline) }

    /// Takes an answer; false if it was not to a question of the account's.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Bool {
        catchUp.answered(request, result, control, logger, at: time)
    }
}
