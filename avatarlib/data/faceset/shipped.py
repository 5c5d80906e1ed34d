"""The packs that belong to this version of the library, and their SHA-256 (``tools/faces/list_packs.py``)."""

PACKS: dict[str, str] = {
    "heads-10000.zip": "2e7120608f43d91b6c3cf0f657cdc7297d7a64df46366d1b1b160ead7ef1d5cc",
    "heads-10440.zip": "781e20e41a1208013d0c1df0021422f60bf495fbebb94e67c8ca539fe6e8242d",
    "heads-12000.zip": "597818f22f135a920d2ecc74355b12d12257e5ae7352ca7be9be70eaea8054ab",
    "heads-12600.zip": "8819af0f6ef85862461363be00633da4c96f1ed627a217a1ef0fd9bc0b5b95a0",
    "heads-14000.zip": "c6c4341267e2ac61d941970a8d1405266e69c80a70c85e2fec0d40e385ca593c",
}
