#!/usr/bin/env bash
# Calls a host that is starting, and checks that it answers as the HTTP contract says: smoke-test.sh <address>
# The token is that of local.settings.sample.json unless LEXYHUB_SERVICE_TOKEN has another.
set -euo pipefail

readonly url=$1/api
readonly token=${LEXYHUB_SERVICE_TOKEN:-local-development-token}
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# expect <status> <jq condition on the body> <method> <path> [curl option]...
expect() {
  local status
  status=$(curl --silent --show-error --max-time 240 --output "$body" --write-out '%{http_code}' --request "$3" "${@:5}" "$url/$4")
  printf '%s %s: %s %s\n' "$3" "$4" "$status" "$(head -c 500 "$body")"
  if [[ $status != "$1" ]] || ! jq --exit-status "$2" "$body" > /dev/null; then
    printf 'Expected %s and a body with %s.\n' "$1" "$2" >&2
    exit 1
  fi
}

# The first start of a host takes its time.
curl --silent --show-error --retry 60 --retry-delay 2 --retry-all-errors --output "$body" "$url/health"

bearer=(--header "Authorization: Bearer $token")
expect 200 '.status == "ok"' GET health
expect 401 '.error | length > 0' POST jobs/trend-aggregation --data ''
expect 401 '.error | length > 0' GET jobs
expect 200 '.jobs | any(.name == "trend-aggregation")' GET jobs "${bearer[@]}"
expect 404 '.error | length > 0' POST jobs/no-such-job --data '' "${bearer[@]}"
expect 200 '.job == "trend-aggregation" and .status == "succeeded" and .processed == 0' \
  POST jobs/trend-aggregation --data '' "${bearer[@]}"
expect 200 '.status == "succeeded"' GET "jobs/runs/$(jq --raw-output .runId "$body")" "${bearer[@]}"
