@echo off
REM Windows agents read from contosoregistry.azurecr.io
docker pull contosoregistry.azurecr.io/shop/web:1.4.2
