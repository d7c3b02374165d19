"""The settings of server processes in tests: the product's, with passwords that are hashed at once."""

from project.settings import *  # noqa: F403 - settings are a module of names

# The real one takes a third of a second per sign-up; its strength is Django's to prove.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
