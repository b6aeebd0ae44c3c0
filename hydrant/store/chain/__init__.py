"""The chain of seals: what every transaction wrote, so that nothing is changed unseen.

`hashes` turns rows into hashes that are the same on both stores, `blocks` keeps them, `touched`
follows which rows a transaction writes, `sealing` ends a transaction with its seal, and
`verifying` holds the registry against the chain.
"""
