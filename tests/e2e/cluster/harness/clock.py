"""The clocks of one process, under the test's hand (clock.c)."""

import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_suffix(".c")


class Clock:
    """Shifts the clocks of the processes that are started with `environment`."""

    def __init__(self, folder):
        library, self._file = folder / "clock.so", folder / "clock"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"], check=True)
        self._file.write_bytes(bytes(16))
        self.environment = {"LD_PRELOAD": str(library), "PLIMSOLL_CLOCK": str(self._file)}

    def shift(self, wall=0, monotonic=0):
        """By so many seconds from what is true, from now on."""
        with open(self._file, "r+b", buffering=0) as file:
            file.write(struct.pack("=qq", wall, monotonic))
