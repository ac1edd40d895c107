"""What a run, an audit and their measures tell people and machines."""
