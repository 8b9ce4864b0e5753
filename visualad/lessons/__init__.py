"""Exercises: what students are asked about a graph, and what their answers are worth."""
