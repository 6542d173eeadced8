"""Files to measure with: the samples, made long by repeating them later in time. No numbers but the times change."""

import re

RECEIVED = re.compile(rb'"(recv_us|sent_us|venue_us)":(\d+)')


def shifted(line, micros):
    """The line with its times moved."""
    return RECEIVED.sub(lambda match: b'"%s":%d' % (match[1], int(match[2]) + micros), line)


def times_n(source, target, lines_wanted, conn_step=0):
    """Repeats the lines of `source`, each time later, until there are `lines_wanted`; gives the count.

    `conn_step` moves the connection numbers too, since a feed never uses one again.
    """
    with open(source, "rb") as file:
        lines = file.readlines()
    first, last = (int(RECEIVED.search(line)[2]) for line in (lines[0], lines[-1]))
    span = last - first + 1_000_000
    count = 0
    with open(target, "wb") as file:
        turn = 0
        while count < lines_wanted:
            for line in lines:
                line = shifted(line, turn * span)
                if conn_step:
                    line = re.sub(rb'"conn":(\d+)', lambda match: b'"conn":%d' % (int(match[1]) + turn * conn_step), line, count=1)
                file.write(line)
            count += len(lines)
            turn += 1
    return count


def split(source, targets):
    """Deals the lines of a file out to several, in turn."""
    files = [open(target, "wb") for target in targets]
    with open(source, "rb") as file:
        for index, line in enumerate(file):
            files[index % len(files)].write(line)
    for file in files:
        file.close()
