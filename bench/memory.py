"""The memory that this program takes, as Linux tells it."""

from pathlib import Path


def resident_mb() -> float:
    """The memory it takes now."""
    return _megabytes("VmRSS")


def peak_mb() -> float:
    """The most it took; unlike `getrusage`, without what the program that started it had."""
    return _megabytes("VmHWM")


def _megabytes(field: str) -> float:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024
