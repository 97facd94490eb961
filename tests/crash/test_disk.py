# SPDX-License-Identifier: Apache-2.0
"""The model of a disk forgets what a disk may forget, and nothing that it promised."""

from __future__ import annotations

import stat

from hypothesis import given
from hypothesis import strategies as st

from tests.crash.disk import SECTOR, Disk, Inode

FILE = stat.S_IFREG | 0o600
FOLDER = stat.S_IFDIR | 0o700
SEEDS = range(60)


def file_on(disk: Disk, path: str) -> Inode:
    inode = disk.make(FILE)
    holder = disk.holder(path)
    assert holder is not None
    folder, name = holder
    folder.change({name: inode})
    return inode


@given(st.binary(min_size=1, max_size=4 * SECTOR), st.integers(0, 3 * SECTOR), st.integers(0))
def test_what_was_synced_is_there_after_a_cut(data: bytes, offset: int, seed: int) -> None:
    disk = Disk()
    inode = file_on(disk, "/a")
    inode.write(offset, data)
    inode.sync()
    disk.root.sync()
    disk.cut(seed)
    found = disk.at("/a")
    assert found is not None
    assert bytes(found.data) == bytes(offset) + data


def test_an_unsynced_write_is_lost_kept_or_torn_as_the_seed_says() -> None:
    seen = set()
    for seed in SEEDS:
        disk = Disk()
        inode = file_on(disk, "/a")
        inode.write(0, b"o" * SECTOR)
        inode.sync()
        disk.root.sync()
        inode.write(0, b"n" * SECTOR)
        disk.cut(seed)
        left = bytes(inode.data)
        assert set(left) <= set(b"on")
        assert len(left) == SECTOR
        seen.add({b"o" * SECTOR: "lost", b"n" * SECTOR: "kept"}.get(left, "torn"))
    assert seen == {"lost", "kept", "torn"}


def test_a_later_write_may_reach_the_disk_without_an_earlier_one() -> None:
    orders = set()
    for seed in SEEDS:
        disk = Disk()
        inode = file_on(disk, "/a")
        inode.write(0, bytes(2 * SECTOR))
        inode.sync()
        disk.root.sync()
        inode.write(0, b"1" * SECTOR)
        inode.write(SECTOR, b"2" * SECTOR)
        disk.cut(seed)
        orders.add((inode.data[0] == ord("1"), inode.data[-1] == ord("2")))
    assert orders == {(False, False), (False, True), (True, False), (True, True)}


def test_a_size_is_one_that_the_file_had_and_truncation_may_be_forgotten() -> None:
    sizes = set()
    for seed in SEEDS:
        disk = Disk()
        inode = file_on(disk, "/a")
        inode.write(0, b"x" * 100)
        inode.sync()
        disk.root.sync()
        inode.truncate(10)
        inode.write(10, b"y" * 1_000)
        disk.cut(seed)
        sizes.add(len(inode.data))
    assert sizes == {100, 10, 1_010}


def test_a_name_is_durable_with_its_folders_sync_alone() -> None:
    found = set()
    for seed in SEEDS:
        disk = Disk()
        inode = file_on(disk, "/a")
        inode.write(0, b"x")
        inode.sync()
        disk.cut(seed)
        found.add(disk.at("/a") is not None)
    assert found == {False, True}


def test_a_rename_is_whole_or_not_at_all() -> None:
    found = set()
    for seed in SEEDS:
        disk = Disk()
        old, new = file_on(disk, "/a"), file_on(disk, "/b.partial")
        disk.root.sync()
        disk.root.change({"b.partial": None, "a": new})
        disk.cut(seed)
        names = disk.root.names
        assert names["a"] in (old, new)
        assert ("b.partial" in names) is (names["a"] is old)
        found.add(names["a"] is new)
    assert found == {False, True}


def test_the_same_seed_leaves_the_same_bytes() -> None:
    images = set()
    for _ in range(2):
        disk = Disk()
        inode = file_on(disk, "/a")
        disk.root.sync()
        for number in range(20):
            inode.write(number * 300, bytes([number]) * 400)
        disk.cut(7)
        images.add(bytes(inode.data))
    assert len(images) == 1
