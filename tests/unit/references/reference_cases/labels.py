"""Login servers with the hash of a domain name label scope, and in another cloud."""

from acr_relocate.references import Rename
from tests.unit.references.reference_cases.writing import HOST, Row

HASHED, OTHER_CLOUD = "fabrikam-h4sh.azurecr.io", "fabrikam.azurecr.cn"
FROM_HASH, TO_HASH, TO_CLOUD, IN_CLOUD = (
    Rename(source=source, target=target)
    for source, target in (
        ("contoso-a1b2c3.azurecr.io", HASHED),
        (HOST, HASHED),
        (HOST, OTHER_CLOUD),
        ("contoso.azurecr.cn", OTHER_CLOUD),
    )
)

LABELS_FROM_HASH: dict[str, Row] = {
    "an image": ("image: «contoso-a1b2c3|fabrikam-h4sh».azurecr.io/a", "image"),
    "the host without the hash": ("image: contoso.azurecr.io/a", ""),
    "another hash": ("image: contoso-a1b2c4.azurecr.io/a", ""),
    "a longer hash": ("image: contoso-a1b2c3d.azurecr.io/a", ""),
    "a data endpoint": ("host: contoso-a1b2c3.westeurope.data.azurecr.io", "endpoint"),
    "a host in pieces without the hash": ("x = 'contoso' + '.azurecr.io/a'", "", "a.py"),
    "a host in pieces": ("x = '«contoso-a1b2c3|fabrikam-h4sh»' + '.azurecr.io/a'", "name", "a.py"),
    "a host in pieces, a function": (
        "'«contoso-a1b2c3|fabrikam-h4sh»${environment().suffixes.acrLoginServer}'",
        "name",
        "main.bicep",
    ),
    "the bare name": ("acrName: «contoso»", "name"),
    "a record of a data endpoint": ('name = "contoso-a1b2c3.westeurope.data"', "probable", "main.tf"),
    "a record without the hash": ('name = "contoso.westeurope.data"', "", "main.tf"),
}

LABELS_TO_HASH: dict[str, Row] = {
    "an image": ("image: «contoso|fabrikam-h4sh».azurecr.io/a", "image"),
    "a host in pieces": ("x = '«contoso|fabrikam-h4sh»' + '.azurecr.io/a'", "name", "a.py"),
    "a host in pieces, a function": (
        "'«contoso|fabrikam-h4sh»${environment().suffixes.acrLoginServer}'",
        "name",
        "main.bicep",
    ),
    "the bare name": ("acrName: «contoso»", "name"),
    "a host in pieces, ARM": ("[concat('«contoso|fabrikam-h4sh»', '.azurecr.io/app')]", "name", "main.json"),
}

LABELS_TO_CLOUD: dict[str, Row] = {
    "an image": ("image: «contoso.azurecr.io|fabrikam.azurecr.cn»/a", "image"),
    "a host in pieces": ("x = 'contoso' + '.azurecr.io/a'", "probable", "a.py"),
    "a host in pieces, a function": ("'«contoso»${environment().suffixes.acrLoginServer}'", "name", "main.bicep"),
    "data endpoints": ("host: «contoso.*.data.azurecr.io|fabrikam.*.data.azurecr.cn»", "endpoint"),
    "a regular expression": ("^«contoso\\.azurecr\\.io|fabrikam\\.azurecr\\.cn»/", "endpoint"),
    "a variable that the suffix is added to": ("REG=contoso\ndocker pull $REG.azurecr.io/a", "probable", "run.sh"),
}

LABELS_IN_CLOUD: dict[str, Row] = {
    "an image": ("image: «contoso».azurecr.cn/a", "image"),
    "another cloud": ("image: contoso.azurecr.io/a", ""),
    "another domain": ("contoso.azurecr.cn.com/a", ""),
    "another registry of the country": ("contoso.azurecr.com.cn/a", ""),
    "a host in pieces": ("'«contoso»' + '.azurecr.cn'", "name", "a.py"),
    "a host of another cloud in pieces": ("'contoso' + '.azurecr.io'", "", "a.py"),
    "a regular expression of all clouds": ("^«contoso»\\.azurecr\\.(io|cn|us)/", "name"),
    "a pattern of all clouds": ("image: «contoso».azurecr.*/a", "name"),
}
