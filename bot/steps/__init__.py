"""One file a step: prepare · submit · deliver for one edit, show and tell for people, reconcile and janitor for all.

A step reads the Edit, does the one thing that its state asks for, and applies one event. It may run twice, or die on
any line: the record decides what the next run does.
"""
