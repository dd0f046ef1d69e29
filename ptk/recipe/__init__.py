"""Recipes: one YAML that says everything that runs."""
