"""Every module of PyTorch with many arguments and inputs, to be held beside this engine's.

`case` says what a case is, `beside` compares one with PyTorch; the other files are the tables, one
for each family of layers.
"""
