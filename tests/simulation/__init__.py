# SPDX-License-Identifier: Apache-2.0
"""Whole stores in virtual time, where everything goes wrong, and every cent must come out once.

    loop network connector wire platform* customers profiles    the ground: time, lines, a platform
    clock mortal paper host                                     machines that run the real agent
    plan faults actors/                                         what a seed makes of a store
    book oracle watcher invariants                              what was promised, and if it held
    world run rest __main__ thousands                           a world's life, its end, its verdict
    found/                                                      what was found, as short scenes

A new actor is a file in `actors/` and a line in `actors/table.py`; a new misfortune is a line in
`faults.py` that an act, a line or the platform takes up by its name; a new promise is a function in
`invariants.py` that the oracle asks. A seed that finds a fault of the product becomes a scene.
"""
