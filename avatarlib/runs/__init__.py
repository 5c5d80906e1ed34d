"""Running a paper: its data, its recipe, its examination and its card, one file a paper; ``registry`` lists them."""
