from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from citytech_data.ingest.spark_session import session

# With these, Java takes a third less time where it runs for seconds only.
_BRIEF_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass(frozen=True)
class Spark:
    """Spark in this process, and the address at which it is a server of Spark Connect too."""

    session: Any
    address: str


@pytest.fixture(scope="session")
def brief_java() -> Iterator[None]:
    """Let Java, if it is there, start faster."""
    if shutil.which("java") is None and not os.environ.get("CI"):
        pytest.skip("there is no Java")
    pytest.importorskip("pyspark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", _BRIEF_JAVA)
        yield


@pytest.fixture(scope="session")
def spark(brief_java: None) -> Iterator[Spark]:
    """Start Java once: all tests with Spark in their names run in one process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    settings = {
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.sql.shuffle.partitions": 2,
    }
    arguments = " ".join(f"--conf {name}={value}" for name, value in settings.items())
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYSPARK_SUBMIT_ARGS", f"{arguments} pyspark-shell")
            running = stack.enter_context(session("local[2]"))
        yield Spark(running, f"sc://127.0.0.1:{port}")
