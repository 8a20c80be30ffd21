"""Transaction monitoring: payments and a pack of rules in, alerts with their evidence out."""
