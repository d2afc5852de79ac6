"""`PublicStore`: the few requests that public S3 buckets answer without an account.

Source: Amazon S3 API reference, ListObjectsV2, GetObject and HeadObject. Addresses are
path-style (endpoint/bucket/key), which every S3 server understands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from liverseg.errors import InputError
from liverseg.tables import load_table

if TYPE_CHECKING:
    from requests import Response

ENDPOINT_VARIABLE = "LIVERSEG_S3_ENDPOINT"
AGAIN = "run the same command again: it goes on where it stopped"


@dataclass(frozen=True)
class RemoteObject:
    """One object of a bucket as it is listed. `etag` is without quotes."""

    bucket: str
    key: str
    size_bytes: int
    etag: str

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def address(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


class BrokenOffError(Exception):
    """The connection ended before the object did; what arrived is good to go on from."""


class ObjectChangedError(Exception):
    """The object is not the one that was listed, or cannot be continued from there."""


def chosen_endpoint(endpoint: str | None = None) -> str:
    """The S3 server to ask: the one given, the one of the environment, or Amazon's.

    Raises `InputError` for what is no http or https address.
    """
    named = endpoint or os.environ.get(ENDPOINT_VARIABLE) or ""
    address = (named or str(load_table("sample_fetch")["endpoint"].value)).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        raise InputError(
            f"{address} is no address of an S3 server",
            remedy=f"pass --endpoint https://HOST or unset {ENDPOINT_VARIABLE}",
        )
    return address


class PublicStore:
    """A connection to one S3 server, shared by threads. Close it, or use it in `with`."""

    def __init__(self, endpoint: str | None = None) -> None:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry

        table = load_table("sample_fetch")
        self.endpoint = chosen_endpoint(endpoint)
        self._timeout = (table.number("connect_timeout"), table.number("read_timeout"))
        self._largest_listing = int(table.number("largest_listing"))
        attempts = int(table.number("attempts"))
        retry = Retry(
            total=attempts - 1,
            backoff_factor=table.number("backoff"),
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=("GET", "HEAD"),
            raise_on_status=False,
            # A server may ask for an hour's pause; whoever waits is told instead.
            respect_retry_after_header=False,
        )
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=int(table.number("workers")), max_retries=retry)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        # The objects are public: a password that ~/.netrc has for the host stays there.
        self._session.auth = lambda request: request
        self._session.headers["Accept-Encoding"] = "identity"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def list_objects(self, bucket: str, prefix: str) -> tuple[RemoteObject, ...]:
        """All objects whose key starts with `prefix`, in order of their keys.

        Raises `InputError` when the server cannot be reached, refuses, or is none of S3.
        """
        found: list[RemoteObject] = []
        token = ""
        while True:
            query = {"list-type": "2", "prefix": prefix}
            if token:
                query["continuation-token"] = token
            with self._ask(
                "GET",
                f"{quote(bucket)}",
                where=f"s3://{bucket}/{prefix}",
                params=query,
                stream=True,
            ) as answer:
                page, token = self._parse_listing(bucket, answer)
            found += page
            if not token:
                return tuple(sorted(found, key=lambda item: item.key))

    @contextmanager
    def read_object(self, item: RemoteObject, start: int = 0) -> Iterator[Response]:
        """The answer that brings the bytes of an object from `start` on; read its ``raw``.

        The status is 206 where the server goes on from `start` and 200 where it starts
        anew. Raises `ObjectChangedError` when the object is no longer the one listed.
        """
        headers = {"If-Match": f'"{item.etag}"', "x-amz-checksum-mode": "ENABLED"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with self._ask(
            "GET", _path(item), where=item.address, headers=headers, stream=True
        ) as answer:
            yield answer

    def object_headers(self, item: RemoteObject, *, part: int | None = None) -> dict[str, str]:
        """Headers of an object, or of one part of it; names in lower case."""
        query = {"partNumber": str(part)} if part else {}
        headers = {"x-amz-checksum-mode": "ENABLED"}
        with self._ask(
            "HEAD", _path(item), where=item.address, headers=headers, params=query
        ) as answer:
            return lower_headers(answer)

    @contextmanager
    def _ask(self, method: str, path: str, *, where: str, **options: Any) -> Iterator[Response]:
        import requests

        try:
            answer = self._session.request(
                method, f"{self.endpoint}/{path}", timeout=self._timeout, **options
            )
        except requests.RequestException as problem:
            raise InputError(
                f"no connection to {self.endpoint}: {_reason(problem)}",
                remedy=f"check the network and its proxy (HTTPS_PROXY), then {AGAIN}",
            ) from problem
        with answer:
            if answer.status_code in (412, 416):
                raise ObjectChangedError(where)
            if answer.status_code not in (200, 206):
                raise _refusal(answer, where)
            yield answer

    def _parse_listing(self, bucket: str, answer: Response) -> tuple[list[RemoteObject], str]:
        try:
            root = ElementTree.fromstring(self._listing_text(answer))
            if not root.tag.endswith("ListBucketResult"):
                raise ValueError(root.tag)
            objects = [
                RemoteObject(
                    bucket,
                    _text(item, "Key"),
                    int(_text(item, "Size")),
                    _text(item, "ETag").strip('"'),
                )
                for item in root.iterfind("{*}Contents")
            ]
            return objects, _text(root, "NextContinuationToken")
        except (ElementTree.ParseError, ValueError) as problem:
            raise InputError(
                f"{self.endpoint} does not answer like an S3 server",
                remedy="a login page of the network may be in between: open a browser, "
                f"or correct {ENDPOINT_VARIABLE}",
            ) from problem

    def _listing_text(self, answer: Response) -> bytes:
        import urllib3

        try:
            # Bounded: what is no S3 server may send anything for ever.
            return answer.raw.read(self._largest_listing)
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            raise InputError(
                f"the connection to {self.endpoint} broke: {_reason(problem)}", remedy=AGAIN
            ) from problem


def read_some(answer: Response, most: int) -> bytes:
    """The next bytes of an answer as soon as any arrived; empty at its end.

    Raises `BrokenOffError` when the connection ended or fell silent before.
    """
    import urllib3

    try:
        return answer.raw.read1(most, decode_content=False) or b""
    except (urllib3.exceptions.HTTPError, OSError) as problem:
        raise BrokenOffError(_reason(problem)) from problem


def lower_headers(answer: Response) -> dict[str, str]:
    """Headers of an answer with names in lower case."""
    return {name.lower(): value for name, value in answer.headers.items()}


def _refusal(answer: Response, where: str) -> InputError:
    status = answer.status_code
    if status == 404:
        return InputError(
            "the archive no longer has this object or bucket",
            where=where,
            remedy="the sample cannot be completed: choose another, or update liverseg",
        )
    if status in (401, 403):
        return InputError(
            f"the archive refuses access (HTTP {status})",
            where=where,
            remedy="the object is not public, or a proxy is in between",
        )
    return InputError(
        f"the archive answers with HTTP {status}", where=where, remedy=f"wait a while, then {AGAIN}"
    )


def _reason(problem: BaseException) -> str:
    """The innermost cause, which says most: a refused connection, an unknown host."""
    seen: list[BaseException] = []
    cause: BaseException | None = problem
    while cause is not None and cause not in seen:
        seen.append(cause)
        inner = getattr(cause, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((one for one in cause.args if isinstance(one, BaseException)), None)
        cause = inner or cause.__cause__ or cause.__context__
    told = next((one for one in reversed(seen) if str(one)), problem)
    words = getattr(told, "strerror", None) or str(told)
    return f"{type(told).__name__}: {words}".rstrip(": ")


def _path(item: RemoteObject) -> str:
    return quote(f"{item.bucket}/{item.key}")


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
