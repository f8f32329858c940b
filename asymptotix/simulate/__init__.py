"""The third witness: real data, real optimisers."""
