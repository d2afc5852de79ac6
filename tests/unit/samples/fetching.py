"""What the tests of a fetch look at."""

from __future__ import annotations

from pathlib import Path

from sample_store import BUCKET

from liverseg.samples import read_manifest, verify_sample


def held(folder: Path) -> dict[str, bytes]:
    """The files of a sample by the key of their object."""
    return {
        file.source.removeprefix(f"s3://{BUCKET}/"): (folder / file.path).read_bytes()
        for file in read_manifest(folder).files
    }


def assert_nothing_looks_whole(into: Path) -> None:
    """No folder of the sample's name; whatever has a final name in the partial one is right."""
    assert not (into / "small-1").exists()
    partial = into / "small-1.partial"
    if (partial / "manifest.json").exists():
        verified = verify_sample(partial)
        assert not verified.manifest.complete
        assert not verified.right


def with_change(store, method: str, key: str, changed):
    """Answers to `method` on `key` are changed by ``changed(status, headers, body)``."""

    def change(request, answer):
        if request["REQUEST_METHOD"] == method and request["PATH_INFO"].endswith(key):
            return changed(*answer)
        return answer

    store.change = change
