"""specbridge: dataflow documents become typed Python, and two REST systems stay in sync with it."""
