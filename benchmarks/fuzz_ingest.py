"""Fuzz the ingest: damaged files, archives and DICOMDIRs must end in a ledger, nothing else.

Every input runs in a worker process; one that does not answer in time, dies, raises or
takes more memory than `LIMIT_BYTES` is a finding and its input is kept. Seeds are made here
and taken from pydicom's own test files.

    make fuzz                                             ten minutes
    python benchmarks/fuzz_ingest.py --minutes 1          less
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

#: What a file of 1 MB may take in memory (resident), on top of the imported program.
LIMIT_BYTES = 1_000_000_000
#: Address space: beyond this an allocation fails, which protects this machine.
MOST_ADDRESSES = 16_000_000_000
LONGEST_S = 30.0
LARGEST_SEED = 1_000_000
#: Bytes that mean something to a DICOM or zip parser.
TELLING = (
    b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0", b"SQ",
    b"UN", b"\xff\x7f", b"\x00\x80", b"\xe0\x7f\x10\x00", b"PK\x01\x02", b"PK\x05\x06", b"\xff\x4f",
    b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.5", b"-1", b"1e308",
)  # fmt: skip


def make_seeds() -> list[tuple[str, bytes]]:
    """Files of every kind that the ingest knows, small ones."""
    import dicom_factory as make
    from pydicom.data import get_testdata_files
    from pydicom.uid import UID

    seeds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make.write_series(folder / "ct", make.ramp(2), SeriesDescription="seed", EchoTime="3")
        enhanced = make.enhanced_mr(
            make.ramp(3), positions=[(0, 0, z) for z in range(3)], slopes=[1, 2, 3]
        )
        make.save(enhanced, folder / "enhanced")
        deflated = make.image(make.ramp(1)[0], position=(0, 0, 0))
        make.save(deflated, folder / "deflated", syntax=UID("1.2.840.10008.1.2.1.99"))
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        seeds += [(path.name, path.read_bytes()) for path in files]
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", method) as archive:
                for path in files:
                    archive.write(path, path.name)
            seeds.append((f"{method}.zip", packed.getvalue()))
    for found in get_testdata_files():
        path = Path(found)
        if path.is_file() and path.stat().st_size < LARGEST_SEED:
            seeds.append((path.name, path.read_bytes()))
    return seeds


def mutate(content: bytes, other: bytes, source: random.Random) -> bytes:
    """The bytes with some of them changed, cut, repeated or replaced by another seed's."""
    out = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 16))):
        if not out:
            break
        # Headers are where the decisions fall.
        end = source.choice((min(len(out), 2000), len(out)))
        at = source.randrange(end)
        way = source.randrange(7)
        if way == 0:
            out[at] = source.randrange(256)
        elif way == 1:
            out[at] ^= 1 << source.randrange(8)
        elif way == 2:
            telling = source.choice(TELLING)
            out[at : at + len(telling)] = telling
        elif way == 3:
            del out[at:]
        elif way == 4:
            del out[at : at + source.randrange(1, 64)]
        elif way == 5:
            out[at:at] = out[at : at + source.randrange(1, 512)] * source.randrange(1, 20)
        else:
            start = source.randrange(max(len(other), 1))
            out[at : at + 64] = other[start : start + 64]
    return bytes(out[: 2 * LARGEST_SEED])


def check(folder: Path) -> Counter[str]:
    """Scan and read; raises what is a finding. Returns states of the files."""
    from liverseg.ingest import ledger_json, read_study

    study = read_study(folder, cache=False)
    plain = ledger_json(study.ledger)
    states = Counter(entry["state"] for entry in plain["entries"])
    assert plain["files"] == len(plain["entries"]) == sum(states.values())
    assert len({entry["path"] for entry in plain["entries"]}) == plain["files"]
    assert all(entry["reason"] for entry in plain["entries"])
    listed = {entry["path"] for entry in plain["entries"]}
    assert {path.relative_to(folder).as_posix() for path in folder.iterdir()} <= listed
    json.dumps(plain)
    return states


def peak_bytes() -> int:
    """The most memory that this process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def work(pipe: Connection) -> None:
    """Check one folder after the other, within the memory limit."""
    import warnings

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "x").write_bytes(b"\0" * 128 + b"DICM")
        check(Path(name))  # everything is imported before memory is counted
    import highdicom  # noqa: F401 - the largest of what a decoder may still import
    from pydicom.pixels.decoders import JPEG2000LosslessDecoder  # noqa: F401

    before = peak_bytes()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, resource.RLIM_INFINITY))
    pipe.send("ready")
    while True:
        folder = pipe.recv()
        try:
            states = check(Path(folder))
            taken = peak_bytes() - before
            assert taken < LIMIT_BYTES, f"{taken / 1e6:.0f} MB taken"
            pipe.send((states, taken))
        except BaseException as error:  # noqa: BLE001 - any of them is a finding
            pipe.send(f"{type(error).__name__}: {error}"[:300])


class Worker:
    """A process that checks folders and may be killed."""

    def __init__(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        assert self.pipe.recv() == "ready"

    def check(self, folder: Path) -> object:
        self.pipe.send(str(folder))
        try:
            if self.pipe.poll(LONGEST_S):
                return self.pipe.recv()
        except (EOFError, ConnectionResetError):
            return f"the process died (exit code {self.process.exitcode})"
        return f"no answer within {LONGEST_S:g} s"

    def stop(self) -> None:
        self.process.kill()
        self.process.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz")
    options = parser.parse_args()
    seeds, source = make_seeds(), random.Random(options.seed)
    print(f"{len(seeds)} seeds, {options.minutes:g} minutes, seed {options.seed}")
    worker, states, findings, runs, longest, most = Worker(), Counter[str](), [], 0, 0.0, 0
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number in range(source.choice((1, 1, 2, 3))):
                title, content = source.choice(seeds)
                changed = mutate(content, source.choice(seeds)[1], source)
                (folder / f"{number}-{title}").write_bytes(changed)
            started = time.monotonic()
            found = worker.check(folder)
            longest = max(longest, time.monotonic() - started)
            runs += 1
            if isinstance(found, tuple):
                states += found[0]
                most = max(most, found[1])
                continue
            kept = options.keep / f"finding-{len(findings)}"
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            findings.append(found)
            print(f"FINDING {found}\n        kept in {kept}")
            worker.stop()
            worker = Worker()
    worker.stop()
    print(
        f"{runs} inputs, {states.total()} files: {dict(states)}; longest {longest:.1f} s, "
        f"most memory {most / 1e6:.0f} MB"
    )
    print(f"{len(findings)} findings")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
