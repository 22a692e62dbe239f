"""Puts the generated models and the utilities into a flytekit tree, and takes them out again.

``payload`` says which files go in, ``target`` what they go into, ``journal`` what was done, and ``apply`` does it.
"""
