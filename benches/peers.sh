#!/usr/bin/env bash
# Runs check-jsonschema, ajv-cli and yamllint on the same files as `incidentctl check`, with our own JSON Schema, and prints a
# table of medians and ratios. Installs the three into a folder of its own. FILES: how many incidents (default 300).
set -euo pipefail
cd "$(dirname "$0")/.."
files=${FILES:-300}
work=${PEERS_DIR:-/tmp/incidentctl-peers}
mkdir -p "$work"
cargo build --release --locked --quiet
tool=$PWD/target/release/incidentctl
[ -x "$work/venv/bin/yamllint" ] || { python3 -m venv "$work/venv"; "$work/venv/bin/pip" -q install check-jsonschema yamllint; }
[ -x "$work/node_modules/.bin/ajv" ] || npm --prefix "$work" install --silent --no-fund --no-audit ajv-cli ajv-formats >/dev/null
rm -rf "$work/ledger"
python3 - "$work/ledger" "$files" <<'PY'
import pathlib, sys
root, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
words = "Every push to a secondary is rejected since the upgrade and the proxy sends a header that the primary refuses so that customers see an error while reading is not affected "
for n in range(count):
    day = 1 + n % 28
    folder = root / "incidents" / f"2025-01-{day:02}-pushes-rejected-{n}"
    (folder / "updates").mkdir(parents=True)
    (folder / "incident.yaml").write_text(f"""title: Git pushes rejected on every secondary, number {n}
severity: sev0
declared_at: "2025-01-{day:02}T09:12:00Z"
declared_by: alice
customers: [acme, globex]
impact: {{ headline: Pushes fail, degradation: total, workaround: none, symptoms: "{words.strip()}" }}
roles: {{ incident_manager: alice, incident_coordinator: bob, incident_analysts: [carol, dave] }}
next_steps: |
  {words * 6}
""")
    for at, by in (("0940", "bob"), ("1010", "bob")):
        (folder / "updates" / f"202501{day:02}T{at}Z-{by}.yaml").write_text(f"""by: {by}
status: identified
current_status: |
  {words * 4}
current_actions: |
  {words * 4}
next_steps: |
  {words * 4}
next_update: 60m
""")
PY
cd "$work/ledger"
"$tool" schema incident > "$work/incident.json"
"$tool" schema update > "$work/update.json"
count=$(find incidents -name '*.yaml' | wc -l)
# Milliseconds of a command, the median of five runs.
median() {
  for _ in 1 2 3 4 5; do
    start=$(date +%s%N); "$@" >/dev/null 2>&1 || true; end=$(date +%s%N)
    echo $(( (end - start) / 1000 ))
  done | sort -n | sed -n 3p
}
check_jsonschema() {
  "$work/venv/bin/check-jsonschema" --schemafile "$work/incident.json" incidents/*/incident.yaml
  "$work/venv/bin/check-jsonschema" --schemafile "$work/update.json" incidents/*/updates/*.yaml
}
ajv() {
  "$work/node_modules/.bin/ajv" validate --strict=false -s "$work/incident.json" -d 'incidents/*/incident.yaml'
  "$work/node_modules/.bin/ajv" validate --strict=false -s "$work/update.json" -d 'incidents/*/updates/*.yaml'
}
own=$(median "$tool" check --quiet)
printf '%-18s %10s %12s %8s\n' tool total per-file ratio
row() { awk -v name="$1" -v us="$2" -v own="$own" -v n="$count" 'BEGIN { printf "%-18s %7.0f ms %9.3f ms %7.1fx\n", name, us/1000, us/1000/n, us/own }'; }
row "incidentctl check" "$own"
row check-jsonschema "$(median check_jsonschema)"
row ajv-cli "$(median ajv)"
row yamllint "$(median "$work/venv/bin/yamllint" incidents)"
echo "$count files"
