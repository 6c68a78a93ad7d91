"""Speed, measured as a ratio to a reference in the same run; see README.md."""
