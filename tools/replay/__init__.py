"""A real e-mail experiment, told once more by a campaign that measures it."""
