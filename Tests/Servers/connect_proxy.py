"""An HTTP proxy that knows CONNECT only and finds every name on 127.0.0.1; says its port, ends with its standard input.

usage: connect_proxy.py LOG [USER:PASSWORD]    each tunnel asked for is a line of LOG; without the password: 407
"""
import base64
import socket
import sys
import threading


def head_of(client):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(4096)
        if not piece:
            return None
        head += piece
    return head.decode("latin-1")


def pump(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, log, secret):
    head = head_of(client)
    if head is None:
        return
    method, target, _ = head.split("\r\n")[0].split(" ")
    if secret and "basic " + base64.b64encode(secret.encode()).decode().lower() not in head.lower():
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        return client.close()
    if method != "CONNECT":
        client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        return client.close()
    with open(log, "a") as lines:
        lines.write(target + "\n")
    server = socket.create_connection(("127.0.0.1", int(target.rsplit(":", 1)[1])))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
    pump(client, server)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    secret = sys.argv[2] if len(sys.argv) > 2 else None

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, sys.argv[1], secret), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


main()
