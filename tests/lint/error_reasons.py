"""Checks that the tables of error reasons name what the code emits.

usage: error_reasons.py SOURCE_DIR

The reasons in recur.proto are the protocol, those in README.md what a user
reads first: both must name every reason that a call can be answered with.
"""
import pathlib
import re
import sys

TABLES = ["proto/recur/v1/recur.proto", "README.md"]
# The rooms whose errors reach the wire.
ROOMS = ["model/features", "server/session", "server/lane", "server/repository",
         "server/core", "server/rpc"]
# Of a server that does not start.
NOT_ON_THE_WIRE = {"cannot_listen", "bad_option"}
REASON = re.compile(
    r'(?:ErrorWithReason\(\s*[\w:.()]+,\s*|\b(?:Refuse|Invalid)\(\s*'
    r'|\breason = )"([a-z_]+)"')


def reasons_in(text):
    return set(REASON.findall(text))


def emitted(root):
    files = [file for room in ROOMS for file in (root / room).rglob("*")
             if file.suffix in (".cc", ".h")]
    found = set().union(*(reasons_in(file.read_text()) for file in files))
    return found - NOT_ON_THE_WIRE


def complaints(root):
    reasons = emitted(root)
    for table in TABLES:
        words = set(re.findall(r"\w+", (root / table).read_text()))
        for reason in sorted(reasons - words):
            yield f"{table}: does not name the error reason {reason}"


def main():
    root = pathlib.Path(sys.argv[1])
    found = list(complaints(root))
    print("\n".join(found) if found else f"{len(emitted(root))} error reasons")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
