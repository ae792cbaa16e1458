#!/usr/bin/env bash
set -euo pipefail
az acr login --name contosoregistry
az acr build --registry contosoregistry --image contosoregistry:latest . # an image that is called like the registry
az aks update --name shop --resource-group contoso-apps \
  --attach-acr contosoregistry
docker push "contosoregistry.azurecr.io/shop/web:${TAG}"
curl -sf https://contosoregistry.westeurope.data.azurecr.io/ || true
