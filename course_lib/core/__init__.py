"""To be held in the head: tape, operations, modules, seeds, finite differences."""
