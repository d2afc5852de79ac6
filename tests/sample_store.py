"""A local S3 server with a log and with faults, and registries of what it holds."""

from __future__ import annotations

import csv
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import boto3
import requests
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET = "samples"
PIECE = 4096
#: What `Store.hold` returns where no more of an object is to be sent.
ENDED = "ended"
#: Of series.csv.
COLUMNS = (
    "sample",
    "collection",
    "study_instance_uid",
    "series_instance_uid",
    "modality",
    "series_description",
    "instance_count",
    "size_mb",
    "manufacturer",
    "licence",
    "doi",
    "s3_url",
)
Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass
class Sent:
    """One answer: what was asked for, and how much of the body went out."""

    method: str
    key: str
    query: str
    asked_range: str
    status: str
    size: int = 0
    sent: int = 0

    @property
    def whole(self) -> bool:
        """The whole object in one answer."""
        return self.status.startswith("200") and self.sent == self.size


@dataclass
class Store:
    """The server as a test sees it. `change` may replace any answer; `hold` slows or ends one."""

    endpoint: str = ""
    s3: Any = None
    log: list[Sent] = field(default_factory=list)
    change: Callable[[dict[str, Any], Answer], Answer] = lambda _request, answer: answer
    hold: Callable[[str, int], object] = lambda _key, _at: None
    events: int = 0
    sending: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def happened(self) -> None:
        with self.lock:
            self.events += 1

    def gets(self, key: str = "") -> list[Sent]:
        """Answers that brought an object, not a listing."""
        return [one for one in self.log if one.method == "GET" and one.key and key in one.key]

    def put(self, key: str, body: bytes, **more: Any) -> str:
        """Store an object; returns its ETag."""
        return str(
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, ACL="public-read", **more)["ETag"]
        )

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)


@contextmanager
def running_store() -> Iterator[Store]:
    """A moto server on a free port with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = Store()
    app = _logging_app(DomainDispatcherApplication(create_backend_app), store)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    store.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        store.s3 = _client(store.endpoint)
        # moto keeps its objects in the process, and so those of the test before.
        requests.post(f"{store.endpoint}/moto-api/reset", timeout=10).raise_for_status()
        store.s3.create_bucket(Bucket=BUCKET)
        yield store
    finally:
        server.shutdown()
        thread.join()


def _client(endpoint: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _logging_app(app: Any, store: Store) -> Any:
    def answer(request: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        store.happened()
        got: list[Any] = []
        body = b"".join(
            app(request, lambda status, headers, _info=None: got.extend((status, headers)))
        )
        status, headers, body = store.change(request, (got[0], list(got[1]), body))
        path = unquote(request["PATH_INFO"]).removeprefix(f"/{BUCKET}").lstrip("/")
        sent = Sent(
            request["REQUEST_METHOD"],
            path,
            request.get("QUERY_STRING", ""),
            request.get("HTTP_RANGE", ""),
            status,
            len(body),
        )
        store.log.append(sent)
        start_response(status, headers)
        ranged = status.startswith("206") and sent.asked_range
        start = int(sent.asked_range.removeprefix("bytes=").partition("-")[0]) if ranged else 0
        if not path:
            return iter([body])
        return _pieces(body, start, sent, store)

    return answer


def _pieces(body: bytes, start: int, sent: Sent, store: Store) -> Iterator[bytes]:
    with store.lock:
        store.sending += 1
    try:
        for at in range(0, len(body), PIECE):
            if store.hold(sent.key, start + at) is ENDED:
                return
            piece = body[at : at + PIECE]
            yield piece
            sent.sent += len(piece)
            store.happened()
    finally:
        with store.lock:
            store.sending -= 1


def in_step_with(folder: Path, alive: Callable[[], bool]) -> Callable[[str, int], object]:
    """Send the next piece of an object only when the last one is on the disk below `folder`.

    So a server's count of bytes sent is what the client kept, give or take one piece: else
    small objects would lie whole in the buffers between the two when the client is killed,
    and what is sent to a dead client would count.
    """

    def hold(key: str, at: int) -> object:
        name = key.rpartition("/")[2]
        while alive():
            if at == 0 or _kept(folder, name) >= at:
                return None
            time.sleep(0.001)
        return ENDED

    return hold


def _kept(folder: Path, name: str) -> int:
    """Bytes of an object on the disk; its part may get its final name at any moment."""
    sizes = [0]
    for path in folder.glob(f"*/*/{name}.*.part"):
        with suppress(FileNotFoundError):
            sizes.append(path.stat().st_size)
    return max(sizes)


def write_registry(folder: Path, name: str, series: Sequence[dict[str, Any]]) -> Path:
    """A registry of one sample; each series has uid, modality, description and files (bytes)."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "samples.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[samples.{name}]\npatient = "{name.upper()}"\ntitle = "A test"\n'
            'teaches = "Nothing but the transfer."\n\n'
        )
    (folder / "citations.toml").write_text(
        '[licences]\n"CC BY 4.0" = "https://creativecommons.org/licenses/by/4.0/"\n'
        '[doi."10.1/test"]\ntext = "Tester T (2020). A test [Data set]."\n'
    )
    path = folder / "series.csv"
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if fresh:
            writer.writerow(COLUMNS)
        for one in series:
            size = sum(map(len, one["files"])) / 1e6
            writer.writerow(
                [name, "test", one.get("study", "1.2.3"), one["uid"], one["modality"],
                 one["description"], len(one["files"]), f"{size:.2f}", "Maker", "CC BY 4.0",
                 "https://doi.org/10.1/test", f"s3://{BUCKET}/{one['prefix']}*"]
            )  # fmt: skip
    return folder


def store_series(store: Store, prefix: str, files: Sequence[bytes]) -> list[str]:
    """Put the files of a series below a prefix; returns their keys."""
    keys = [f"{prefix}{number:04d}.dcm" for number in range(len(files))]
    for key, body in zip(keys, files, strict=True):
        store.put(key, body)
    return keys
