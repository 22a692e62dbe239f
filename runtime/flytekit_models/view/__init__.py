"""Views of a model: one tree of its content (:mod:`flytekit_models.view.tree`), shown as text, as HTML or by rich."""
