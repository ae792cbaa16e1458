# Under another name, Terraform would replace this registry: that is for people to decide.
resource "azurerm_container_registry" "main" {
  name                = "contosoregistry"
  resource_group_name = "contoso-west"
  location            = "westeurope"
  sku                 = "Premium"
}

resource "azurerm_container_group" "web" {
  container {
    image = "contosoregistry.azurecr.io/shop/web:1.4.2"
  }
}

resource "azurerm_firewall_application_rule_collection" "registry" {
  rule {
    target_fqdns = ["contosoregistry.azurecr.io", "contosoregistry.westeurope.data.azurecr.io", "*.blob.core.windows.net"]
  }
}
