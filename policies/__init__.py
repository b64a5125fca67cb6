"""The policy pack: the document's rules, which judge a plan independently of the code that produced it.

TaskFlow's own are `rules`, by chapter, `figures`, the document's, and `pack`, which puts them together. Any application
can have the rest: `shared` are the rules without a figure, `readers` read one kind of resource, and `engine` has
properties, relations, tables of expectations, exemptions, exported states, and the server of a pack. Nothing here
imports the program that is judged.
"""
