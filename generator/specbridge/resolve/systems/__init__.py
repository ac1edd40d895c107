"""Which system, datatype, subset and symbol a document's words mean."""
