"""Tools that test the engine, and that banks may test their own rule packs with."""
