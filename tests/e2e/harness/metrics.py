"""Prometheus' text format 0.0.4 and its naming conventions, checked more strictly than promtool does."""
import re

NAME = r"[a-z][a-z0-9_]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
LABEL = re.compile(r'([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
NO_UNITS = re.compile(r"_(ms|milliseconds|minutes|hours|days|kb|kilobytes|mb|megabytes|bits|percent|counter|gauge)(_|$)")


def parse(text):
    """{(name, ((label, value), ...)): number}; raises AssertionError for an invalid line or name."""
    assert text.endswith("\n"), "the last line has no end"
    samples, types, helped, family = {}, {}, set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, family, words = line.split(" ", 3)
            assert family not in helped, f"{family} comes twice"
            assert words.endswith("."), f"{family}: the help is no sentence"
            helped.add(family)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == family and name not in types, f"the type of {name} is not behind its help"
            _check_name(name, kind)
            types[name] = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found, f"no sample: {line!r}"
            name, labels, number = found.groups()
            parts = [family + suffix for suffix in ("_bucket", "_sum", "_count")]
            own = parts if types.get(family) == "histogram" else [family]
            assert name in own and family in types, f"{name} is not behind its own help and type"
            pairs = tuple(LABEL.findall(labels or ""))
            assert "".join(f'{key}="{value}",' for key, value in pairs).rstrip(",") == (labels or ""), labels
            assert len({key for key, _ in pairs}) == len(pairs), f"a label comes twice: {line}"
            assert (name, pairs) not in samples, f"a sample comes twice: {line}"
            value = float(number)
            assert types[family] == "gauge" or value >= 0, line
            samples[name, pairs] = value
    for name in (name for name, kind in types.items() if kind == "histogram"):
        _check_histogram(name, samples)
    return samples


def _check_histogram(name, samples):
    """Buckets count the smaller ones too, and the last counts everything."""
    for labels in {pairs[:-1] for its, pairs in samples if its == f"{name}_bucket"}:
        buckets = [(dict(pairs)["le"], number) for (its, pairs), number in samples.items()
                   if its == f"{name}_bucket" and pairs[:-1] == labels]
        bounds = [float(bound) for bound, _ in buckets]
        counts = [number for _, number in buckets]
        assert bounds == sorted(bounds) and counts == sorted(counts), (name, buckets)
        assert buckets[-1] == ("+Inf", samples[f"{name}_count", labels]), (name, buckets)
        assert (f"{name}_sum", labels) in samples, name


def _check_name(name, kind):
    assert re.fullmatch(NAME, name), name
    assert kind in ("counter", "gauge", "histogram"), f"{name}: {kind}"
    assert (kind == "counter") == name.endswith("_total"), f"{name}: a counter, and nothing else, ends with _total"
    assert not name.endswith(("_count", "_sum", "_bucket")), name
    assert not NO_UNITS.search(name), f"{name}: base units only, and no type in the name"
    assert not re.search("(time|duration)s?(_total)?$", name), f"{name} has no unit"


def value(samples, name, **labels):
    """The only sample with that name and those labels."""
    found = [number for (its, pairs), number in samples.items() if its == name and dict(pairs) == labels]
    assert len(found) == 1, f"{len(found)} samples {name} {labels}"
    return found[0]
