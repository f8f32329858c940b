"""Tools of the house: `mutate` asks whether the tests can fail."""
