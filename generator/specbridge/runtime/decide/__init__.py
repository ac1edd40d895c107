"""What is to happen, decided from values alone: merging, planning, equality, bindings; nothing here reads or writes."""
