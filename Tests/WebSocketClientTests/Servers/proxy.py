"""A proxy that makes tunnels. usage: proxy.py [auth NAME:PASSWORD | answer TEXT | mute]; each request is told."""

import base64
import socket
import sys
import threading
import time

import serving


def copy(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, words):
    lines, rest = serving.read_head(client)
    serving.tell("REQUEST", lines[0], "HOST", serving.header(lines, "Host"))
    if words[:1] == ["mute"]:
        time.sleep(serving.SECONDS_MAX)
    if words[:1] == ["answer"]:
        client.sendall(words[1].encode().decode("unicode_escape").encode("latin-1"))
        client.close()
        return
    if words[:1] == ["auth"]:
        wanted = "Basic " + base64.b64encode(words[1].encode()).decode()
        if serving.header(lines, "Proxy-Authorization") != wanted:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
    host, _, port = lines[0].split()[1].rpartition(":")
    server = socket.create_connection((host.strip("[]"), int(port)))
    client.sendall(b"HTTP/1.0 200 Connection established\r\nVia: a test\r\n\r\n")
    server.sendall(rest)
    threads = [threading.Thread(target=copy, args=ends, daemon=True) for ends in ((client, server), (server, client))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    server.close()


listener = serving.listen()
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection, sys.argv[1:]), daemon=True).start()
