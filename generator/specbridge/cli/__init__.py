"""The command line: thin commands that read files and environment, call the stages, and print."""
