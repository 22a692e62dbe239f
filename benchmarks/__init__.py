"""Measures the models beside protobuf itself, the hand-written models, and what else a user could pick."""
