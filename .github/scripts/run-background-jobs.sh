#!/usr/bin/env bash
# Posts to the endpoint of each job in turn and keeps every answer. Exits 1 at the end where any call failed.
#
#   LEXYHUB_APP_URL        the app, for example https://lexyhub-jobs.azurewebsites.net
#   LEXYHUB_SERVICE_TOKEN  the bearer token; of several, separated by commas, the first is sent
#   JOB_ENDPOINTS          names of jobs, separated by white space, in the order of the calls
#   JOB_LOGS               directory of the answers; default background-job-logs
#   MAX_CALLS              calls to one job at most; default 15
#
# GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT make the idempotency keys: a call sent twice runs once, a re-run runs anew.
set -euo pipefail

# Azure cuts a response at 230 s: what takes longer than this has lost its answer.
readonly max_seconds=240
readonly logs=${JOB_LOGS:-background-job-logs}
readonly max_calls=${MAX_CALLS:-15}
readonly run_key=${GITHUB_RUN_ID:-local-$(date -u +%Y%m%dT%H%M%SZ)}-${GITHUB_RUN_ATTEMPT:-1}
readonly summary=${GITHUB_STEP_SUMMARY:-/dev/null}

# annotate <level> <title> <message>. A workflow command ends at its line, and its title at a colon or comma.
annotate() {
  local text title=$2
  text=${3//%/%25}
  text=${text//$'\n'/%0A}
  title=${title//:/%3A}
  printf '::%s title=%s::%s\n' "$1" "${title//,/%2C}" "${text//$'\r'/%0D}"
}

stop() {
  annotate error 'Background jobs' "$1"
  exit 1
}

# Standard input as one line: an answer may hold anything, and a log or a table must not be led astray by it.
plain() {
  tr '[:cntrl:]' ' ' | cut -c 1-1000
}

# field <file> <path>: the value there as text; nothing where the file is no JSON object or has no such value.
field() {
  jq --join-output --slurp "(.[0] | objects | .$2) // empty" "$1" 2> /dev/null | plain || true
}

# row <cell>...: one row of the summary's table.
row() {
  local cell line='|'
  for cell in "$@"; do
    cell=${cell//\\/\\\\}
    cell=${cell//|/\\|}
    line+=" ${cell//</\\<} |"
  done
  printf '%s\n' "$line" >> "$summary"
}

# post <job> <key> <file>: prints the HTTP status, 000 where there was no whole answer. Address and token go to curl
# on its standard input, because arguments show in the list of processes.
post() {
  local status reason
  status=$(
    printf 'url = "%s"\nheader = "Authorization: Bearer %s"\n' "$base/api/jobs/$1" "$token" \
      | curl --config - --silent --show-error --globoff --connect-timeout 30 --max-time "$max_seconds" \
        --request POST --data '' --header "Idempotency-Key: $2" \
        --output "$3.body.txt" --stderr "$3.curl.txt" --write-out '%{http_code}'
  ) || status=000

  # curl names the host, which is a secret here, and nothing masks an artifact.
  reason=$(cat "$3.curl.txt")
  printf '%s\n' "${reason//"$host"/the app}" > "$3.curl.txt"
  [[ -n $reason ]] || rm "$3.curl.txt"
  printf '%s\n' "$status" | tee "$3.status.txt"
}

# failure <status> <file>: what was wrong with a call; nothing where all was well.
failure() {
  local error
  error=$(field "$2.body.txt" error)
  if [[ $1 == 000 ]]; then
    printf 'no answer. %s' "$(plain < "$2.curl.txt")"
  elif [[ $1 != 2?? ]]; then
    printf '%s' "${error:-the answer has no \"error\"; its body is in the artifact background-job-logs.}"
  elif [[ -z $(field "$2.body.txt" status) ]]; then
    # A page that answers 200 to anything has run no job.
    printf 'the answer is not that of a job: no JSON with a "status". Is LEXYHUB_APP_URL the address of the app?'
  fi
}

# run <job>: calls it until it is done; 1 where a call failed.
run() {
  local job=$1 call file status problem state reason note
  for ((call = 1; call <= max_calls; call++)); do
    file=$logs/$job-$call
    : > "$file.body.txt"
    : > "$file.curl.txt"
    status=$(post "$job" "$run_key-$job-$call" "$file")
    problem=$(failure "$status" "$file")
    state=$(field "$file.body.txt" status)
    reason=$(field "$file.body.txt" stopReason)
    note=$(field "$file.body.txt" message)
    row "$job" "$call" "$status" "$state" "$(field "$file.body.txt" processed)" "$(field "$file.body.txt" failed)" \
      "$(field "$file.body.txt" remaining)" "${problem:-${reason:-$note}}"
    printf '%s, call %s: HTTP %s %s %s\n' "$job" "$call" "$status" "$state" "$reason"

    if [[ -n $problem ]]; then
      annotate error "$job: HTTP $status" "$job: $problem"
      return 1
    elif [[ $state != partial ]]; then
      return 0
    elif [[ $reason != time ]]; then
      annotate warning "$job: partial" "$job stopped early ($reason). $(field "$file.body.txt" 'errors[0].error')"
      return 0
    fi
  done

  annotate warning "$job: partial" "$job has more to do after $max_calls calls; its next run goes on from there."
}

for tool in curl jq; do
  command -v "$tool" > /dev/null || stop "$tool is missing on this machine: install it first."
done
[[ -n ${LEXYHUB_APP_URL:-} ]] || stop 'LEXYHUB_APP_URL is not set: add the secret, the address of the app such as https://name.azurewebsites.net.'
[[ -n ${LEXYHUB_SERVICE_TOKEN:-} ]] || stop "LEXYHUB_SERVICE_TOKEN is not set: add the secret, one of the tokens in the app's setting of that name."
[[ ${JOB_ENDPOINTS:-} =~ ^[a-z0-9[:space:]-]*[a-z0-9][a-z0-9[:space:]-]*$ ]] \
  || stop 'JOB_ENDPOINTS must be names of jobs (lower case, hyphens), separated by white space.'

base=${LEXYHUB_APP_URL//[[:space:]]/}
while [[ $base == */ ]]; do base=${base%/}; done
[[ $base =~ ^https://[^\"\\]+$ || $base =~ ^http://(127\.0\.0\.1|localhost)(:[0-9]+)?$ ]] \
  || stop 'LEXYHUB_APP_URL must begin with https://, because the token is sent there (http:// to loopback only).'
host=${base#*://}
host=${host%%[:/]*}

token=${LEXYHUB_SERVICE_TOKEN%%,*}
token=${token//[[:space:]]/}
[[ $token =~ ^[^\"\\]+$ ]] || stop 'LEXYHUB_SERVICE_TOKEN is blank or holds a quotation mark or a backslash, which no bearer token has.'
if [[ ${GITHUB_ACTIONS:-} == true ]]; then
  # GitHub masks the secrets as they are written; these are parts of them.
  printf '::add-mask::%s\n' "$token" "$host"
fi

mkdir -p "$logs"
row Job Call HTTP Status Processed Failed Remaining Note
row --- --- --- --- --- --- --- ---
failed=()
for job in $JOB_ENDPOINTS; do
  run "$job" || failed+=("$job")
done

if ((${#failed[@]} > 0)); then
  printf 'Failed: %s\n' "${failed[*]}"
  exit 1
fi
printf 'All jobs answered.\n'
