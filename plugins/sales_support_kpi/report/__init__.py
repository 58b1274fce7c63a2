"""What people read: the scorecard and the rows behind a value, from the published files alone."""
