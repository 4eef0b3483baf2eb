"""Patent records in, a dataset out: read, classify, place, count, write."""
