"""Writes Python values as TOML, as far as the tunnel's config files need it."""
import datetime
import json
import os
import pathlib


def write(path, tables, services):
    """Writes {table: {key: value}} and {service: {key: value}}; a Path becomes relative to the file's folder."""
    named = [(name, keys) for name, keys in tables.items()] + [(f"service.{name}", keys)
                                                               for name, keys in services.items()]
    lines = []
    for name, keys in named:
        lines += [f"[{name}]"] + [f"{key} = {_value(value, path.parent)}" for key, value in keys.items()] + [""]
    path.write_text("\n".join(lines), encoding="utf-8")


def _value(value, folder):
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item, folder) for item in value) + "]"
    if isinstance(value, pathlib.Path):
        value = pathlib.Path(os.path.relpath(value, folder)).as_posix()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return json.dumps(value)
