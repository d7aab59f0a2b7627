#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The script that the service publishes for the command line, run once per image: five runs of curl, jq for each URL.
# One image after the other, as published; it polls the status once.
#
#     script.sh URL KEY JOBS IN_FLIGHT BYTES WAIT_MS      (IN_FLIGHT is always 1)
set -eu
base=$1 key=$2 jobs=$3 bytes=$5 wait_ms=$6
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
head -c "$bytes" /dev/zero | tr '\0' 'x' >"$folder/image.jpg"
succeeded=0
begin=$(date +%s.%N)
for ((i = 0; i < jobs; i++)); do
    name=img_$(printf %06d "$i").jpg
    payload=$(printf '{"operation":"detect","filename":"%s","content_type":"image/jpeg","client_reference_id":"%s",' \
        "$name" "$name")'"options":{"threshold":0.2,"classify":true}}'
    curl -sS -X POST "$base/jobs" -H "Authorization: Bearer $key" -H "Content-Type: application/json" \
        -H "Idempotency-Key: script-$name" -d "$payload" >"$folder/job.json"
    upload_url=$(jq -r .upload.url "$folder/job.json")
    submit_url=$(jq -r .submit_url "$folder/job.json")
    status_url=$(jq -r .status_url "$folder/job.json")
    result_url=$(jq -r .result_url "$folder/job.json")
    curl -sS -X PUT "$upload_url" -H "Content-Type: image/jpeg" --upload-file "$folder/image.jpg" >/dev/null
    curl -sS -X POST "$submit_url" -H "Authorization: Bearer $key" >/dev/null
    read -rt "$(printf '0.%03d' "$wait_ms")" <> <(:) || true
    curl -sS "$status_url" -H "Authorization: Bearer $key" >"$folder/status.json"
    curl -sS "$result_url" -H "Authorization: Bearer $key" >"$folder/result.json"
    if grep -q annotations "$folder/result.json"; then succeeded=$((succeeded + 1)); fi
done
end=$(date +%s.%N)
printf '{"jobs":%d,"succeeded":%d,"wall_s":%s,"peak_rss_kib":null}\n' "$jobs" "$succeeded" \
    "$(echo "$end $begin" | awk '{printf "%.6f", $1 - $2}')"
