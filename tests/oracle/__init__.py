"""A brute-force oracle: every published value computed a second time, from the definitions alone.

Nothing here imports the product, except `product.py`, which drives it for the comparison.
"""
