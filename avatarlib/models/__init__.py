"""Networks only, one file a paper."""
