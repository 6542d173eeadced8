"""A shell with one job, as far as a terminal is concerned: `terminal_job.py TELLS ASKED COMMAND…`.

The job has the terminal at first, and the shell when the job is stopped. `fg` and `bg` are read from the descriptor ASKED, a line each; `take` gives
the terminal to the shell though the job runs. What becomes of the job is told on the descriptor TELLS.
"""

import os
import signal
import sys
import threading

tells, asked, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(1, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.close(tells)
    os.close(asked)
    os.execv(command[0], command)


def obey():
    for word in os.fdopen(asked):
        if word != "bg\n":
            os.tcsetpgrp(1, job if word == "fg\n" else os.getpgrp())
        if word != "take\n":
            os.killpg(job, signal.SIGCONT)


os.write(tells, f"{job}\n".encode())
threading.Thread(target=obey, daemon=True).start()
while True:
    status = os.waitpid(job, os.WUNTRACED)[1]
    os.tcsetpgrp(1, os.getpgrp())
    if not os.WIFSTOPPED(status):
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    os.write(tells, b"stopped\n")
