"""What the functions of a mapper do: rows as statements that read, convert and write properties."""
