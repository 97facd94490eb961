# SPDX-License-Identifier: Apache-2.0
"""A till's side of Countermark in Python, with the standard library alone.

    COUNTERMARK_PAIRING=123456 python snippet.py 4850 1001 2026-11-21

Amount in minor units, the till's transaction number, and the business date of the sale. The token
is kept in COUNTERMARK_TOKEN (a file). Run it again for the same sale and it is the same credit.
"""

import datetime
import http.client
import json
import os
import sys
import time
from urllib.parse import urlsplit

URL = urlsplit(os.environ.get("COUNTERMARK_URL", "http://127.0.0.1:8741"))
TOKEN_FILE = os.environ.get("COUNTERMARK_TOKEN", "countermark-token")
REGISTER = os.environ.get("COUNTERMARK_REGISTER", "03")
TIMEOUT_S = 10
TRIES_MAX = 20


def ask(method, path, body=None, **headers):
    """One call: status, JSON body, seconds of Retry-After. OSError where no answer came."""
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=TIMEOUT_S)
    data = None if body is None else json.dumps(body)
    if data is not None:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(method, path, data, headers)
        reply = connection.getresponse()
        told = json.loads(reply.read())
        return reply.status, told, int(reply.headers.get("Retry-After", "1"))
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def token():
    """The bearer token: kept since the pairing, or taken up now with the six digits."""
    if not os.path.exists(TOKEN_FILE):
        code = os.environ["COUNTERMARK_PAIRING"]
        status, told, _ = ask(
            "POST", "/v1/pairings", {"code": code, "timeout_ms": TIMEOUT_S * 1000}
        )
        if status != 201:
            sys.exit(told["detail"])
        with open(os.open(TOKEN_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(told["token"])
    with open(TOKEN_FILE, encoding="ascii") as file:
        return file.read()


def issue(body, key, bearer):
    """Asks until there is an answer, with the same key and body each time."""
    headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": f'"{key}"'}
    for _ in range(TRIES_MAX):
        try:
            status, told, retry_after_s = ask("POST", "/v1/credits", body, **headers)
        except OSError:
            time.sleep(1)  # nothing is known: ask again
            continue
        if status in (500, 503) and told.get("retryable"):
            time.sleep(retry_after_s)
        elif status == 409 and told["code"] == "looks-like" and "distinct" not in body:
            print(told["detail"])
            if input("Is this another return? (y/n) ").strip().lower() not in ("y", "yes"):
                return status, told
            body = {**body, "distinct": True}
        else:
            return status, told
    sys.exit("No answer. Nothing is known of this credit: run this again for the same sale.")


def word(told, bearer):
    """The credit once its word is known: `answer` is null while its paper is on its way."""
    headers = {"Authorization": f"Bearer {bearer}", "Prefer": "wait=5"}
    for _ in range(TRIES_MAX):
        if told["answer"] is not None:
            break
        path = f"{told['links']['self']}?seen={told['revision']}"
        try:
            _, told, _ = ask("GET", path, **headers)
        except OSError:
            time.sleep(1)
    return told


def main(minor, transaction, business_date):
    body = {
        "register": REGISTER,
        "amount": {"minor": int(minor), "currency": "USD"},
        "customer": {"skipped": True},
        "reason": "return",
        "operator": "Ana",
        "pos": {"business_date": business_date, "transaction": transaction},
    }
    # Made of the sale itself, so that no restart of the till can forget it.
    key = f"{REGISTER}-{business_date}-{transaction}-1"
    bearer = token()
    status, told = issue(body, key, bearer)
    if status in (202, 504):
        told = word(told, bearer)  # recorded, not confirmed: `answer` says what it is
    if status not in (200, 202, 504):
        print(f"{told['title']}\n{told['detail']}\n{told['hint']}")
        return 1
    # confirmed, voucher, pending, refused or ask-a-manager: show it as it is.
    print(f"{told['title']}\n{told['message']}\n{told['next']}")
    print(json.dumps({"key": told["key"], "state": told["state"], "answer": told["answer"]}))
    return 0


if __name__ == "__main__":
    today = datetime.datetime.now().astimezone().date().isoformat()
    sys.exit(main(*[*sys.argv[1:], today][:3]))
