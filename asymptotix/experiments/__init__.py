"""Plans of experiments: which networks are trained, on which lines, and how places are read off them."""
