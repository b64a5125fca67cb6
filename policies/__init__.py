"""The policy pack: the document's rules, which judge a plan independently of the code that produced it.

`rules` has the rules by chapter, `figures` the document's figures, `readers` how to read one kind of resource, and
`engine` the rest: properties, relations, tables of expectations, exemptions, exported states. `pack` and `analyzer`
serve the rules to Pulumi's engine. Nothing here imports the program that is judged.
"""
