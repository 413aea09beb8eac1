"""Diagnosis of pictures: whether a camera still shows its place as it should. Pure: pictures in, verdicts out."""
