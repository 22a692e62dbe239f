"""Views of a model: one tree of its content (:mod:`flytekit_models.view.tree`), rendered as text, HTML or with rich."""
