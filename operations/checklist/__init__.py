"""The deployment checklist: `taskflow preflight` and `taskflow postflight`. Section: Deployment Checklist.

A check is either made by a machine, each time anew, or answered by a person and recorded. Reading, judging and showing
are apart: judgement.py and the functions `judge…` know plain values only.
"""
