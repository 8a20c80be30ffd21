"""Mutants of rules: small changes to what a rule says, and which of them its cases notice."""
