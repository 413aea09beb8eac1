"""The tree of areas: city, township, village."""
