"""Pictures on a disk: found, read, downloaded, unpacked, prepared, and told apart."""
