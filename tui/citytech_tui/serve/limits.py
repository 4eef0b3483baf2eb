"""How much anybody may take: sessions, connections, time, failed logins."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

_STARTUPS = 64
"""Connections beyond the sessions: those that log in, or are told to come later."""
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Limits:
    """The limits of a service; times in seconds."""

    max_sessions: int = 100
    max_per_address: int = 10
    idle_timeout: float = 1800.0
    login_grace: float = 30.0
    max_failures: int = 10
    failure_window: float = 60.0


def party_of(address: str) -> str:
    """Return whom an address belongs to: of IPv6, a whole /64 network is one party's."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ip_network((int(ip), 64), strict=False))
    return str(ip)


class Doorkeeper:
    """Counts connections and failed logins by party."""

    def __init__(self, limits: Limits) -> None:
        """Nobody is here yet."""
        self.limits = limits
        self.connections: Counter[str] = Counter()
        self.sessions = 0
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def refusal(self, party: str, now: float) -> str | None:
        """Return why a party may not connect; None if it may."""
        limits = self.limits
        if self._recent(party, now) >= limits.max_failures:
            return "too many failed logins"
        if self.connections[party] >= limits.max_per_address:
            return "too many connections from your address"
        if self.connections.total() >= limits.max_sessions + _STARTUPS:
            return "too many connections"
        return None

    def enter(self, party: str) -> None:
        """Count a connection."""
        self.connections[party] += 1

    def leave(self, party: str) -> None:
        """Count a connection no more."""
        self.connections[party] -= 1
        if self.connections[party] <= 0:
            del self.connections[party]

    def fail(self, party: str, now: float) -> None:
        """Remember a failed login."""
        failures = self._failures.setdefault(party, deque(maxlen=self.limits.max_failures))
        failures.append(now)
        self._failures.move_to_end(party)
        if len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)

    @property
    def is_full(self) -> bool:
        """Whether no further session may begin."""
        return self.sessions >= self.limits.max_sessions

    def _recent(self, party: str, now: float) -> int:
        failures = self._failures.get(party)
        if failures is None:
            return 0
        while failures and now - failures[0] > self.limits.failure_window:
            failures.popleft()
        if not failures:
            del self._failures[party]
        return len(failures)
