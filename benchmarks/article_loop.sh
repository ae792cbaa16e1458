#!/bin/bash
# The article's way: list the repositories, list the tags of each, import one tag after the other.
# SOURCE_REG and TARGET_REG are registry names in the signed-in subscription.
for repository in $(az acr repository list --name "$SOURCE_REG" --output tsv); do
    for tag in $(az acr repository show-tags --name "$SOURCE_REG" --repository "$repository" --output tsv); do
        echo "$repository:$tag"
        az acr import --name "$TARGET_REG" --source "$SOURCE_REG.azurecr.io/$repository:$tag"
    done
done
