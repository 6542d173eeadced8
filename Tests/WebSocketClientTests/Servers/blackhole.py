"""A port that nobody answers on: its queue is full, and the kernel drops what comes. usage: blackhole.py [HOST]"""

import select
import socket
import sys
import time

import serving

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
family = socket.AF_INET6 if ":" in host else socket.AF_INET
listener = socket.socket(family)
listener.bind((host, 0))
listener.listen(0)
waiting = []
while True:
    one = socket.socket(family)
    one.setblocking(False)
    one.connect_ex(listener.getsockname())
    waiting.append(one)
    if not select.select([], [one], [], 0.2)[1]:
        break
print("PORT", listener.getsockname()[1], flush=True)
time.sleep(serving.SECONDS_MAX)
