"""The policy pack: the document's rules, judged on a plan independently of the code that made it.

What a rule may read stands in `facts` (one resource) and `graph` (a stack), what a rule is in `rule`, the document's
figures in `figures`, the rules in `rules`, the exceptions to them in `exemptions`, and how the engine gets to see
them in `pack` (a plan) and `export` (an exported state). Nothing here imports the program that is judged.
"""
