"""The commands of ``flytekit-models``, one module per command; `cli` assembles them."""
