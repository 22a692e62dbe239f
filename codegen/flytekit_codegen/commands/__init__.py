"""The commands of ``flytekit-models``, one module each; `cli` puts them together."""
