"""The chain of seals: what every transaction wrote, hashed and chained to the one before."""
