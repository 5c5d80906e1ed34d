"""Public sets: downloaded, or read from where the reader has put them."""
