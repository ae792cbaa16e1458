// The custom roles of acr-relocate, from the generated files beside this one: docs/roles.md says which is for what.
//
//   az deployment sub create --location westeurope --template-file deployments/azure/roles.bicep
targetScope = 'subscription'

@description('Where the roles may be assigned: subscriptions or resource groups. A role name is taken once per tenant.')
param assignableScopes array = [
  subscription().id
]

var roles = [
  loadJsonContent('roles/plan.json')
  loadJsonContent('roles/relocate.json')
  loadJsonContent('roles/relocate-source.json')
  loadJsonContent('roles/relocate-replica.json')
  loadJsonContent('roles/relocate-network.json')
  loadJsonContent('roles/relocate-logs.json')
  loadJsonContent('roles/cut-over.json')
  loadJsonContent('roles/switch.json')
  loadJsonContent('roles/passwords.json')
  loadJsonContent('roles/prune.json')
  loadJsonContent('roles/discard.json')
  loadJsonContent('roles/discard-part.json')
  loadJsonContent('roles/retire.json')
  loadJsonContent('roles/rehearse.json')
]

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for role in roles: {
    name: guid(subscription().id, role.Name)
    properties: {
      roleName: role.Name
      description: role.Description
      type: 'CustomRole'
      permissions: [
        {
          actions: role.Actions
          notActions: role.NotActions
          dataActions: role.DataActions
          notDataActions: role.NotDataActions
        }
      ]
      assignableScopes: assignableScopes
    }
  }
]

output roleIds object = toObject(roles, role => role.Name, role => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(subscription().id, role.Name)))
