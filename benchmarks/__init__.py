"""Timings side by side with what a user would otherwise pick; ratios, not tests."""
