"""What a run changes: pairs merged, records created, updated and recovered, within the guards."""
