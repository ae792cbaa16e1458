"""Microsoft.Resources/deployments: templates checked, compared and deployed."""
