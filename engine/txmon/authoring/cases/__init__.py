"""Case files beside rules: read, run in one evaluation, compared with what they expect."""
