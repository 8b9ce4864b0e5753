"""The same graph trained with many settings: plan, journal of results, workers."""
