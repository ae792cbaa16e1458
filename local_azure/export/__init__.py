"""exportTemplate of a resource group, with the flaws of the real one.

Faithful on purpose: what the newest stable api-version does not know is missing; system scope maps, home replications
and private endpoint connections are included, although they cannot be deployed; extension resources and tasks are not;
secrets become parameters without a value.
"""
