"""ARM: subscriptions, groups, generic resources, policies, roles and locks."""
