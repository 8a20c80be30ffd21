"""The rule language: text -> syntax -> typed nodes -> Polars expressions."""
