"""The interface as an OpenAPI document, made from the table of routes and the types of its bodies.

Imported when somebody asks for it for the first time: no start waits for it.
"""

from omnivenue.api.openapi.document import document

__all__ = ["document"]
