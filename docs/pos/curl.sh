#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A till's side of Countermark with curl.
#
#     COUNTERMARK_PAIRING=123456 ./curl.sh 4850 1001 2026-11-21
#
# Amount in minor units, the till's transaction number, and the business date of the sale. The
# token is kept in COUNTERMARK_TOKEN (a file), as the header that curl reads from there, so that
# it never stands on a command line. Run it again for the same sale and it is the same credit.
set -euo pipefail

url=${COUNTERMARK_URL:-http://127.0.0.1:8741}
token=${COUNTERMARK_TOKEN:-countermark-token}
register=${COUNTERMARK_REGISTER:-03}
minor=$1 transaction=$2 business_date=${3:-$(date +%F)}
tries=20
answer=$(mktemp) headers=$(mktemp)
trap 'rm -f "$answer" "$headers"' EXIT

# call METHOD PATH [curl options]: the status in $status, 000 where no answer came.
call() {
    local method=$1 path=$2
    shift 2
    status=$(curl --silent --max-time 10 --request "$method" "$url$path" "$@" \
        --header 'Content-Type: application/json' --output "$answer" --dump-header "$headers" \
        --write-out '%{http_code}') || status=000
}

# text NAME and number NAME: the first field of that name in the answer; nothing where it is null
# or not there.
first() { grep -oE "$1" "$answer" | head -n 1 || true; }
text() { first "\"$1\":\"([^\"\\\\]|\\\\.)*\"" | sed -e 's/^[^:]*:"//' -e 's/"$//'; }
number() { first "\"$1\":[0-9]+" | sed 's/^[^:]*://'; }
retry_after() { sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9][0-9]*\).*/\1/p' "$headers" | grep . || echo 1; }

# Pairing, once: six digits become a token.
if [ ! -e "$token" ]; then
    call POST /v1/pairings --data "{\"code\": \"$COUNTERMARK_PAIRING\", \"timeout_ms\": 10000}"
    [ "$status" = 201 ] || { text detail; exit 1; }
    (umask 077 && printf 'Authorization: Bearer %s\n' "$(text token)" >"$token")
fi

# The body and the key are made of the sale itself, so that no restart of the till forgets them.
key="$register-$business_date-$transaction-1"
body() { # body [MORE]
    cat <<JSON
{"register": "$register", "amount": {"minor": $minor, "currency": "USD"},
 "customer": {"skipped": true}, "reason": "return", "operator": "Ana",
 "pos": {"business_date": "$business_date", "transaction": "$transaction"}$1}
JSON
}

more=
while [ $((tries--)) -gt 0 ]; do
    call POST /v1/credits --header "@$token" --header "Idempotency-Key: \"$key\"" \
        --data "$(body "$more")"
    case $status in
    000) sleep 1 ;; # nothing is known: ask again, same key, same body
    500 | 503) sleep "$(retry_after)" ;;
    409)
        [ "$(text code)" = looks-like ] && [ -z "$more" ] || break
        text detail
        read -r -p 'Is this another return? (y/n) ' yes || yes=n
        [[ $yes == [yY]* ]] || break
        more=', "distinct": true'
        ;;
    *) break ;;
    esac
done

case $status in
200 | 202 | 504) ;;
000) echo 'No answer. Nothing is known of this credit: run this again for the same sale.'; exit 1 ;;
*) text title; text detail; text hint; exit 1 ;;
esac

# Recorded and not confirmed: `answer` is null while its paper is on its way.
tries=20
own=$(text self)
while [ -z "$(text answer)" ] && [ $((tries--)) -gt 0 ]; do
    revision=$(number revision)
    call GET "$own?seen=${revision:-0}" --header "@$token" --header 'Prefer: wait=5'
    [ "$status" != 000 ] || sleep 1
done

# confirmed, voucher, pending, refused or ask-a-manager: show it as it is.
text title; text message; text next
printf '{"key": "%s", "state": "%s", "answer": "%s"}\n' "$(text key)" "$(text state)" "$(text answer)"
