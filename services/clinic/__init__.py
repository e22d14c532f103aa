"""The need clinic: from one vague sentence to a need others can measure themselves against."""
