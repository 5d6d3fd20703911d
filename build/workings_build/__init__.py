"""The builder of Workings: the CLI and a pipeline of small passes from `explainers/` to `dist/`."""
