"""A service that doesn't want to end: ignores what can be ignored, and has a helper and a grandchild of two forks that do so too.

`stubborn.py MARK [goes]`: MARK is only to be found in lists of processes; with "goes" the first process ends well at once.
"""

import os
import signal
import sys
import time


def ignore() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def sleep() -> None:
    while True:
        time.sleep(60)


ignore()
if os.fork() == 0:
    sleep()  # a helper in the same group
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        sleep()  # a daemon: another session, parent gone, no descriptor left
    os._exit(0)
os.wait()
os.write(1, b"ready\n")
if "goes" not in sys.argv:
    sleep()
