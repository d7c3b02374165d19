"""Client tools that a person runs by hand at the terminal: declared with the session, as any program's would be."""

from pathlib import Path

import yaml

from project.client import Json
from project.talk.script import BadScript


def read_tools(path: Path) -> list[Json]:
    """The tools in a file, JSON or YAML: a list as in `tools` of a session. BadScript for anything else; the server judges the rest."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadScript(f"{path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadScript(f"{path} is neither JSON nor YAML: {error}") from error
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        raise BadScript(f"{path} is no list of tools: [{{name, description, parameters, result?}}, …].")
    return content
