"""Scripts that are run as files, alone in a folder that holds no module names to shadow."""
