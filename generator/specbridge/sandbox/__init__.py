"""Both APIs as real HTTP servers on loopback, written from the vendors' documentation.

Nothing here imports the client side, so that the two can disagree.
"""
