"""A session of Spark, started or found, always stopped; and what fails in it, in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from citytech_data.errors import CityTechError, quoted
from citytech_data.messages import Message
from citytech_data.text import clean

REMOTE = "sc://"
"""How the address of a server of Spark Connect begins."""
THIS_MACHINE = "local[*]"
_NAME = "citytech-tui ingest"
_PATIENCE = 20
_GLANCE = 0.5
# One machine talks to nobody: without these, Spark listens on all its addresses.
_ALONE: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
_LOCAL = "local"
_SHUFFLED = "spark.sql.shuffle.partitions"
_PER_CORE = 2
_LONGEST = 300
_FATAL = re.compile(r"^(?:Exception in thread|Error)[^:]*: (.+)$", re.MULTILINE)


@contextmanager
def session(master: str | None) -> Iterator[Any]:
    """Start Spark at `master`, without one on all cores of this machine, and stop it in the end.

    A session that this process has already is used, and left as it is.

    Raises:
        CityTechError: if Java is missing, no Spark is there, or it fails.
    """
    running = _running()
    if running is not None:
        with _failures(None):
            yield running
    elif master is not None and master.startswith(REMOTE):
        with _failures(None):
            spark = _connected(master)
            try:
                yield spark
            finally:
                spark.stop()
    else:
        with _log() as log, _failures(log):
            spark = _started(master or THIS_MACHINE, log)
            try:
                yield spark
            finally:
                spark.stop()


def _running() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


def check_installed() -> None:
    """Check that the packages of Spark are installed.

    Raises:
        CityTechError: if they are not.
    """
    if any(find_spec(name) is None for name in ("pyspark", "pyarrow", "pandas", "grpc")):
        raise CityTechError(Message("this needs more packages: pip install 'citytech-tui[spark]'"))


def _connected(url: str) -> Any:
    import grpc
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client import DefaultChannelBuilder

    try:
        builder = DefaultChannelBuilder(url)
    except (PySparkException, ValueError):
        raise CityTechError(
            Message("--master is no address of Spark Connect; write it like sc://HOST:15002")
        ) from None
    # Spark itself would try for ten minutes. The address is shown without what follows the
    # port, which can be a secret.
    with builder.toChannel() as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=_PATIENCE)
        except grpc.FutureTimeoutError:
            raise CityTechError(
                Message(
                    "no server of Spark Connect answers at {endpoint}; start one "
                    "there, or correct --master",
                    endpoint=quoted(builder.endpoint),
                )
            ) from None
    return SparkSession.builder.remote(url).create()


def _started(master: str, log: Path) -> Any:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise CityTechError(
            Message(
                "Spark needs Java 17 or newer: install openjdk-17-jre-headless, or set JAVA_HOME; "
                "a server of Spark Connect (--master sc://HOST:15002) needs none here"
            )
        )
    conf = SparkConf().setMaster(master).setAppName(_NAME)
    if master.startswith(_LOCAL):
        conf.setAll(list(_ALONE.items()))
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    gateway = None
    if SparkContext._gateway is None:
        # What Java and the workers print would stand between the lines of the terminal.
        with log.open("ab") as file:
            gateway = launch_gateway(  # type: ignore[no-untyped-call]
                conf, {"stdout": file, "stderr": file}
            )
    context = SparkContext(conf=conf, gateway=gateway)
    spark = SparkSession(context)
    if master.startswith(_LOCAL) and not context.getConf().contains(_SHUFFLED):
        # Of 200, as for a cluster, most of the time would go into beginning with each.
        spark.conf.set(_SHUFFLED, _PER_CORE * context.defaultParallelism)
    return spark


@contextmanager
def _log() -> Iterator[Path]:
    """Yield a file for what Spark prints; it is kept if something fails."""
    handle, name = tempfile.mkstemp(prefix="citytech-spark-", suffix=".log")
    os.close(handle)
    try:
        yield Path(name)
    except _SparkFailure:
        raise
    except BaseException:
        Path(name).unlink()
        raise
    Path(name).unlink()


class _SparkFailure(CityTechError):
    """What went wrong in Spark."""


@contextmanager
def _failures(log: Path | None) -> Iterator[None]:
    """Turn what Spark raises into one sentence."""
    from grpc import RpcError
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, RpcError) as error:
        if ended := _interruption(error):
            raise ended from None
        said = str(error)
        if log and "JAVA_GATEWAY_EXITED" in said:
            said = (
                "\n".join(_FATAL.findall(log.read_text(encoding="utf-8", errors="replace"))) or said
            )
        words = Message("Spark: {reason}", reason=_reason(said))
        if log:
            words = Message("{problem} (what it printed is in {log})", problem=words, log=log)
        raise _SparkFailure(words) from error


def _interruption(error: BaseException | None) -> BaseException | None:
    """Return what ended the program while Spark was at work, if that is why Spark failed."""
    while isinstance(error, Exception):
        error = error.__context__
    return error


def _reason(text: str) -> str:
    if "No module named 'citytech_data'" in text:
        return Message(
            "its workers lack this program; install the same version of citytech-tui[spark] "
            "where they run"
        )
    # A traceback of Python says last what is wrong, one of Java first.
    lines = [line for line in text.splitlines() if line.strip()]
    last = [line for line in lines if line[:1].isalpha() and ": " in line]
    if not lines:
        return Message("it stopped")
    return clean(last[-1] if "Traceback" in text and last else lines[0])[:_LONGEST]


@contextmanager
def watched(spark: Any, tell: Callable[[int], None]) -> Iterator[None]:
    """Tell how many tasks of a job are done, while it runs."""
    context = getattr(spark, "sparkContext", None)
    if context is None:

        def handler(stages: Any, **_: Any) -> None:
            tell(sum(stage.num_completed_tasks for stage in stages or ()))

        spark.registerProgressHandler(handler)
        try:
            yield
        finally:
            spark.removeProgressHandler(handler)
        return
    over = threading.Event()
    tracker = context.statusTracker()

    def watch() -> None:
        while not over.wait(_GLANCE):
            stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
            if done := sum(stage.numCompletedTasks for stage in stages if stage):
                tell(done)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
