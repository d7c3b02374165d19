"""A conversation with agents in a terminal (`manage.py talk`), over the public protocol. Knows `project.client`, nothing else of ours."""
