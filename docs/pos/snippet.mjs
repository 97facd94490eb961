// SPDX-License-Identifier: Apache-2.0
// A till's side of Countermark in JavaScript (Node 18 or newer), without dependencies.
//
//     COUNTERMARK_PAIRING=123456 node snippet.mjs 4850 1001 2026-11-21
//
// Amount in minor units, the till's transaction number, and the business date of the sale. The
// token is kept in COUNTERMARK_TOKEN (a file). Run it again for the same sale and it is the same
// credit. In a browser the same calls work for a page named in `[api] origins`.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";

const URL_OF_AGENT = process.env.COUNTERMARK_URL ?? "http://127.0.0.1:8741";
const TOKEN_FILE = process.env.COUNTERMARK_TOKEN ?? "countermark-token";
const REGISTER = process.env.COUNTERMARK_REGISTER ?? "03";
const TIMEOUT_MS = 10_000;
const TRIES_MAX = 20;

const pause = (seconds) => new Promise((over) => setTimeout(over, seconds * 1000));

/** One call: status, body, seconds of Retry-After; null where no answer came. */
async function ask(method, path, body, headers = {}) {
  try {
    const reply = await fetch(URL_OF_AGENT + path, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const told = await reply.json();
    return { status: reply.status, told, retryAfter: Number(reply.headers.get("Retry-After") ?? 1) };
  } catch {
    return null;
  }
}

/** The bearer token: kept since the pairing, or taken up now with the six digits. */
async function token() {
  if (!existsSync(TOKEN_FILE)) {
    const code = process.env.COUNTERMARK_PAIRING;
    const paired = await ask("POST", "/v1/pairings", { code, timeout_ms: TIMEOUT_MS });
    if (paired?.status !== 201) throw new Error(paired?.told.detail ?? "no answer");
    writeFileSync(TOKEN_FILE, paired.told.token, { mode: 0o600, flag: "wx" });
  }
  return readFileSync(TOKEN_FILE, "ascii");
}

async function isAnotherReturn() {
  const till = createInterface({ input: process.stdin, output: process.stdout });
  const said = await till.question("Is this another return? (y/n) ");
  till.close();
  return /^y/i.test(said.trim());
}

/** Asks until there is an answer, with the same key and body each time. */
async function issue(body, key, bearer) {
  const headers = { Authorization: `Bearer ${bearer}`, "Idempotency-Key": `"${key}"` };
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const answer = await ask("POST", "/v1/credits", body, headers);
    if (answer === null) {
      await pause(1); // nothing is known: ask again
    } else if ([500, 503].includes(answer.status) && answer.told.retryable) {
      await pause(answer.retryAfter);
    } else if (answer.status === 409 && answer.told.code === "looks-like" && !body.distinct) {
      console.log(answer.told.detail);
      if (!(await isAnotherReturn())) return answer;
      body = { ...body, distinct: true };
    } else {
      return answer;
    }
  }
  throw new Error("No answer. Nothing is known of this credit: run this again for the same sale.");
}

/** The credit once its word is known: `answer` is null while its paper is on its way. */
async function word(credit, bearer) {
  const headers = { Authorization: `Bearer ${bearer}`, Prefer: "wait=5" };
  for (let tries = 0; credit.answer === null && tries < TRIES_MAX; tries++) {
    const looked = await ask("GET", `${credit.links.self}?seen=${credit.revision}`, undefined, headers);
    if (looked === null) await pause(1);
    else credit = looked.told;
  }
  return credit;
}

const [minor, transaction, businessDate = new Date().toLocaleDateString("sv-SE")] =
  process.argv.slice(2);
const body = {
  register: REGISTER,
  amount: { minor: Number(minor), currency: "USD" },
  customer: { skipped: true },
  reason: "return",
  operator: "Ana",
  pos: { business_date: businessDate, transaction },
};
// Made of the sale itself, so that no restart of the till can forget it.
const key = `${REGISTER}-${businessDate}-${transaction}-1`;
const bearer = await token();
const { status, told } = await issue(body, key, bearer);
if ([200, 202, 504].includes(status)) {
  // 202 and 504: recorded, not confirmed; `answer` says what it is.
  const credit = await word(told, bearer);
  // confirmed, voucher, pending, refused or ask-a-manager: show it as it is.
  console.log(`${credit.title}\n${credit.message}\n${credit.next}`);
  console.log(JSON.stringify({ key: credit.key, state: credit.state, answer: credit.answer }));
} else {
  console.log(`${told.title}\n${told.detail}\n${told.hint}`);
  process.exitCode = 1;
}
