"""Comments of languages, and what is none in them."""

from tests.unit.references.reference_cases.writing import Row

COMMENTS: dict[str, Row] = {
    "Lua": ("local a = 1 -- «contoso».azurecr.io/a", "comment", "a.lua"),
    "Lua, a block": ("--[[\n «contoso».azurecr.io/a\n]]\nlocal i = '«contoso».azurecr.io/a'", "comment image", "a.lua"),
    "Lua, no comment": ("x = a - b; y = '«contoso».azurecr.io/a'", "image", "a.lua"),
    "SQL": (
        "SELECT 1; -- «contoso».azurecr.io/a\nINSERT INTO i VALUES ('«contoso».azurecr.io/a');",
        "comment image",
        "a.sql",
    ),
    "SQL, a block": (
        "/* «contoso».azurecr.io */ INSERT INTO i VALUES ('«contoso».azurecr.io/a');",
        "comment image",
        "a.sql",
    ),
    "SQL, dashes in a text": ("VALUES ('--', '«contoso».azurecr.io/a')", "image", "a.sql"),
    "SCSS": (
        "// «contoso».azurecr.io\n$a: url('https://«contoso».azurecr.io/x');\n/* «contoso».azurecr.io */",
        "comment image comment",
        "a.scss",
    ),
    "CSS, where two slashes begin an address": (
        ".a { background: url(//«contoso».azurecr.io/x) } /* «contoso».azurecr.io */",
        "image comment",
        "a.css",
    ),
    "Less": ("// «contoso».azurecr.io", "comment", "a.less"),
    "Haskell": (
        'x = 1 -- «contoso».azurecr.io\n{- \n «contoso».azurecr.io\n-}\ny = "«contoso».azurecr.io/a"',
        "comment comment image",
        "a.hs",
    ),
    "Clojure": ('(def x \'a) ; «contoso».azurecr.io\n(def y "«contoso».azurecr.io/a")', "comment image", "a.clj"),
    "Emacs Lisp": (';; «contoso».azurecr.io\n(setq x "«contoso».azurecr.io/a")', "comment image", "a.el"),
    "TeX": ("\\texttt{«contoso».azurecr.io} % «contoso».azurecr.io", "endpoint comment", "a.tex"),
    "TeX, a per cent sign": ("50\\% of «contoso».azurecr.io", "endpoint", "a.tex"),
    "Visual Basic": ('Dim a As String = "«contoso».azurecr.io/a" \' «contoso».azurecr.io', "image comment", "a.vb"),
    "PowerShell, a block": (
        "<#\n .SYNOPSIS «contoso».azurecr.io\n#>\n$a = '«contoso».azurecr.io/a'",
        "comment image",
        "a.ps1",
    ),
    "Jinja": ("{# «contoso».azurecr.io #}\nimage: «contoso».azurecr.io/a", "comment image", "a.yaml.j2"),
    "Razor": ("@* «contoso».azurecr.io *@\n<p>«contoso».azurecr.io</p>", "comment endpoint", "a.cshtml"),
    "Vue": (
        (
            "<!-- «contoso».azurecr.io -->\n<script>\n"
            "const a = '«contoso».azurecr.io/a' // «contoso».azurecr.io\n</script>"
        ),
        "comment image comment",
        "a.vue",
    ),
    "Ruby, a block": (
        "x = 1\n=begin\n«contoso».azurecr.io\n=end\ni = '«contoso».azurecr.io/a' # «contoso».azurecr.io",
        "comment image comment",
        "a.rb",
    ),
    "Dart": ("var x = '«contoso».azurecr.io/a'; // «contoso».azurecr.io", "image comment", "a.dart"),
    "Nix": (
        'image = "«contoso».azurecr.io/a"; # «contoso».azurecr.io\n/* «contoso».azurecr.io */',
        "image comment comment",
        "a.nix",
    ),
    "Java's properties": ("! «contoso».azurecr.io\nimage=«contoso».azurecr.io/a", "comment image", "a.properties"),
    "reStructuredText": (".. «contoso».azurecr.io\n\nUse «contoso».azurecr.io\n", "comment endpoint", "a.rst"),
    "reStructuredText, a directive": (".. image:: https://«contoso».azurecr.io/a\n", "image", "a.rst"),
    "AsciiDoc": ("// «contoso».azurecr.io\nUse «contoso».azurecr.io\n", "comment endpoint", "a.adoc"),
    "C++": ('auto x = "«contoso».azurecr.io/a"; // «contoso».azurecr.io', "image comment", "a.hpp"),
    "ERB": ("<%# «contoso».azurecr.io %>\nimage: «contoso».azurecr.io/a", "comment image", "a.erb"),
    "Handlebars": ("{{!-- «contoso».azurecr.io --}}\nimage: «contoso».azurecr.io/a", "comment image", "a.hbs"),
    "JSP": ("<%-- «contoso».azurecr.io --%>\n<p>«contoso».azurecr.io/a</p>", "comment image", "a.jsp"),
    ".NET resources": (
        "<!-- «contoso».azurecr.io -->\n<value>«contoso».azurecr.io/a</value>",
        "comment image",
        "a.resx",
    ),
    "MDX": ("{/* «contoso».azurecr.io */}\n«contoso».azurecr.io", "comment endpoint", "a.mdx"),
    "PHP": (
        "$x = '«contoso».azurecr.io/a'; // «contoso».azurecr.io\n# «contoso».azurecr.io\n/* «contoso».azurecr.io */",
        "image comment comment comment",
        "a.php",
    ),
    "a configuration": ("; «contoso».azurecr.io\nimage = «contoso».azurecr.io/a", "comment image", "a.conf"),
    "Kusto": ("| where x == '«contoso».azurecr.io' // «contoso».azurecr.io", "endpoint comment", "a.kql"),
    "Helm, notes": ("{{/* «contoso».azurecr.io */}}\nPull «contoso».azurecr.io/a", "comment image", "NOTES.txt"),
    "PlantUML": ('\' «contoso».azurecr.io\nnode "«contoso».azurecr.io/a"', "comment image", "a.puml"),
    "Mermaid": ("graph LR\nA[«contoso».azurecr.io] %% «contoso».azurecr.io", "endpoint comment", "a.mmd"),
}
