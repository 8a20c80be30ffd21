"""Two versions of a pack compared: what of their rules and of their alerts is different."""
