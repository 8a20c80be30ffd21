"""What a rule saw at each transaction of an entity, and how far it was from firing."""
