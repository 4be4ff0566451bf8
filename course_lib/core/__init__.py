"""To be held in the head: tape, operations, modules, chance, finite differences."""
