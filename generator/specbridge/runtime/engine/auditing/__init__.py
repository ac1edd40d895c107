"""What an audit finds: counted, explained, named, and told in the document's words."""
