"""Why a template is refused, in the words of Azure Resource Manager."""

PARAMETERS_HELP = "Please see https://aka.ms/arm-syntax-parameters for usage details."
VALUES_HELP = "Please see https://aka.ms/arm-create-parameter-file for usage details."
VARIABLES_HELP = "Please see https://aka.ms/arm-syntax-variables for usage details."
RESOURCES_HELP = "Please see https://aka.ms/arm-syntax-resources for usage details."
FUNCTIONS_HELP = "Please see https://aka.ms/arm-functions for usage details."
COPY_HELP = "Please see https://aka.ms/arm-resource-loops for usage details."


class TemplateError(Exception):
    """The template cannot be deployed; the message is the sentence that Azure quotes.

    path: where in the template, like `resources[2].properties`, when known.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def within(self, kind: str, name: str, path: str) -> "TemplateError":
        """Return the same refusal, with the resource or output that it concerns."""
        message = f"The template {kind} '{name}' at line '1' and column '1' is not valid: {self.message}"
        return TemplateError(f"{message}.", path=self.path or path)
