// Lets the cluster pull from contosoregistry.azurecr.io.
param acrName string = 'contosoregistry'

resource acr 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: 'contosoregistry'
  scope: resourceGroup('contoso-west')
}

var image = 'contosoregistry${environment().suffixes.acrLoginServer}/shop/web:1.4.2'
var registryId = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso-west/providers/Microsoft.ContainerRegistry/registries/contosoregistry'
