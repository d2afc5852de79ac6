"""Ingest against SimpleITK and pydicom: ratios of one run, medians, each job in a fresh process.

    make bench                                            the whole study, some minutes
    python benchmarks/ingest.py --size 128 --slices 20    a small one, some seconds

Written first: four phases of size x size x slices as single files in one folder, as JPEG-LS,
as JPEG 2000 lossless (both need imagecodecs) and as four enhanced multi-frame objects. Jobs
take turns in changing order, so that other work on the machine hits all of them; the first
round is discarded. A ratio below 1 is faster than the peer. CPU adds up all threads; where
fresh memory is slow (virtual machines), `touch` says what of it nobody can avoid. Memory is
the peak of the process beside the pixels of the result.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()


def own_headers(folder: Path) -> int:
    """What the whole scan does with headers: read, judged, pixels located."""
    from liverseg.ingest.headers import HeaderReader
    from liverseg.ingest.walk import find_files
    from liverseg.tables import load_table

    load_table("dicom_objects")  # as pydicom's dictionary is loaded before its turn
    reader = HeaderReader()
    files = find_files([folder])
    start = time.process_time(), time.perf_counter()
    for file in files:
        reader.read(file)
    return _since(start)


def own_scan(folder: Path) -> int:
    from liverseg.ingest import scan_folder

    start = time.process_time(), time.perf_counter()
    scan_folder(folder, cache=False)
    return _since(start)


def own_scan_again(folder: Path) -> int:
    """The second opening of a folder."""
    from liverseg.ingest import scan_folder

    scan_folder(folder)
    start = time.process_time(), time.perf_counter()
    scan_folder(folder)
    return _since(start)


def own_volumes(folder: Path) -> int:
    from liverseg.ingest import read_volume, scan_folder

    start = time.process_time(), time.perf_counter()
    volumes = [read_volume(record) for record in scan_folder(folder, cache=False).series]
    return _since(start, sum(volume.array.nbytes for volume in volumes))


def pydicom_headers(folder: Path) -> int:
    from pydicom import dcmread

    files = sorted(folder.iterdir())
    start = time.process_time(), time.perf_counter()
    for path in files:
        dcmread(path, stop_before_pixels=True)
    return _since(start)


def pydicom_volumes(folder: Path) -> int:
    """As most scripts do it: read all, sort, stack the pixel arrays, rescale."""
    import numpy as np
    from pydicom import dcmread

    start = time.process_time(), time.perf_counter()
    series: dict[str, list[Any]] = {}
    for path in folder.iterdir():
        dataset = dcmread(path)
        series.setdefault(dataset.SeriesInstanceUID, []).append(dataset)
    volumes = []
    for datasets in series.values():
        if "NumberOfFrames" in datasets[0]:
            volumes.append(datasets[0].pixel_array)
            continue
        datasets.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
        volumes.append(np.stack([ds.pixel_array for ds in datasets]) + np.int16(-1024))
    return _since(start, sum(volume.nbytes for volume in volumes))


def sitk_volumes(folder: Path) -> int:
    import SimpleITK as sitk  # noqa: N813

    start = time.process_time(), time.perf_counter()
    reader = sitk.ImageSeriesReader()
    images = []
    for uid in reader.GetGDCMSeriesIDs(str(folder)):
        names = reader.GetGDCMSeriesFileNames(str(folder), uid)
        if len(names) == 1:
            images.append(sitk.ReadImage(names[0]))
            continue
        reader.SetFileNames(names)
        images.append(reader.Execute())
    return _since(start, sum(sitk.GetArrayViewFromImage(image).nbytes for image in images))


def buffer(folder: Path) -> int:
    """The yardstick: the bytes of the files through one buffer."""
    start = time.process_time(), time.perf_counter()
    room = bytearray(1 << 20)
    for path in folder.iterdir():
        with path.open("rb", 0) as stream:
            while stream.readinto(room):  # type: ignore[attr-defined]
                pass
    return _since(start)


def cat(folder: Path) -> int:
    """The program of that name, as people run it: its CPU time with that of its start."""
    files = [str(path) for path in folder.iterdir()]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(["cat", *files], stdout=subprocess.DEVNULL, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": wall, "mb": _peak() / 1e6, "pixels_mb": 0.0}))
    return 0


def touch(folder: Path) -> int:
    """The yardstick of memory: the first writing to as many fresh bytes as the files have."""
    import numpy as np

    sizes = [path.stat().st_size for path in folder.iterdir()]
    start = time.process_time(), time.perf_counter()
    room = np.empty(sum(sizes), np.uint8)
    room.fill(1)
    return _since(start, room.nbytes)


def decoder_alone(folder: Path) -> int:
    """The yardstick of compressed frames: the decoder in one thread, nothing kept."""
    from liverseg.ingest import scan_folder
    from liverseg.ingest.decode import decode

    records = scan_folder(folder, cache=False).series
    start = time.process_time(), time.perf_counter()
    for record in records:
        for source, stored in zip(record.slices, record.stored, strict=True):
            data = Path(source.path).read_bytes()
            decode(b"".join(data[at : at + count] for at, count in stored.pieces), stored)
    return _since(start)


JOBS: dict[str, Callable[[Path], int]] = {
    job.__name__: job
    for job in (
        own_headers,
        own_scan,
        own_scan_again,
        own_volumes,
        pydicom_headers,
        pydicom_volumes,
        sitk_volumes,
        cat,
        buffer,
        touch,
        decoder_alone,
    )
}
#: Own job, its peers (the first is the one of the ratio), for each kind of study.
TABLE = {
    "plain": [
        ("own_headers", ["pydicom_headers"]),
        ("own_scan", ["pydicom_headers"]),
        ("own_scan_again", ["pydicom_headers"]),
        ("own_volumes", ["sitk_volumes", "pydicom_volumes", "cat", "buffer", "touch"]),
    ],
    "jpegls": [("own_volumes", ["sitk_volumes", "pydicom_volumes", "decoder_alone"])],
    "jpeg2000": [("own_volumes", ["sitk_volumes", "pydicom_volumes", "decoder_alone"])],
    "enhanced": [("own_volumes", ["sitk_volumes", "pydicom_volumes", "cat", "buffer", "touch"])],
}


def _since(start: tuple[float, float], pixels: int = 0) -> int:
    """Print what a job took; the parent process reads it."""
    took = {"cpu": time.process_time() - start[0], "wall": time.perf_counter() - start[1]}
    print(json.dumps({**took, "mb": (_peak() - pixels) / 1e6, "pixels_mb": pixels / 1e6}))
    return pixels


def _peak() -> int:
    """Peak memory in bytes. ru_maxrss would start with what the parent held when it forked."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(job: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(HERE), "--job", job, "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LIVERSEG_CACHE": str(folder.parent / "cache")},
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(kind: str, folder: Path, repeats: int) -> None:
    jobs = list(dict.fromkeys(name for own, peers in TABLE[kind] for name in (own, *peers)))
    # In another order each time: on a virtual machine the first process after a pause pays
    # for getting its memory from the host, up to several times of what reading takes.
    orders = [random.Random(turn).sample(jobs, len(jobs)) for turn in range(repeats + 1)]
    rounds = [{job: measure(job, folder) for job in order} for order in orders][1:]
    middle = {
        job: {key: statistics.median(one[job][key] for one in rounds) for key in rounds[0][job]}
        for job in jobs
    }
    least = {job: min(one[job]["cpu"] for one in rounds) for job in jobs}
    for own, peers in TABLE[kind]:
        mine = middle[own]
        print(
            f"{kind:9} {own:15} cpu {mine['cpu']:7.3f} s  wall {mine['wall']:7.3f} s  "
            f"memory {mine['pixels_mb']:6.0f} + {mine['mb']:4.0f} MB"
        )
        for peer in peers:
            other = middle[peer]
            print(
                f"{'':9} : {peer:13} cpu {other['cpu']:7.3f} s  wall {other['wall']:7.3f} s  "
                f"memory {other['pixels_mb']:6.0f} + {other['mb']:4.0f} MB   "
                f"ratio cpu {mine['cpu'] / other['cpu']:.3f}  "
                f"wall {mine['wall'] / other['wall']:.3f}  least cpu {least[own] / least[peer]:.3f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=512, help="rows and columns")
    parser.add_argument("--slices", type=int, default=240, help="slices of each of 4 phases")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=TABLE, default=list(TABLE))
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        JOBS[options.job](options.folder)
        return
    from study import write_study

    with tempfile.TemporaryDirectory() as name:
        for kind in options.kinds:
            if kind.startswith("jpeg") and importlib.util.find_spec("imagecodecs") is None:
                print(f"{kind:9} left out: needs imagecodecs")
                continue
            folder = Path(name) / kind
            files = write_study(folder, size=options.size, slices=options.slices, kind=kind)
            if kind == "plain":
                _age(files)
            compare(kind, folder, options.repeats)


def _age(files: list[Path]) -> None:
    """Files that have just changed are not remembered by the scan."""
    for path in files:
        os.utime(path, (1_700_000_000, 1_700_000_000))


if __name__ == "__main__":
    main()
