// A company's backend on a client that was generated from /openapi/v1.json and not touched: join, release, redeem.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const [baseUrl, key, run] = [process.argv[2]!, process.argv[3]!, process.argv[4]!];
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
const once = () => ({ header: { "Idempotency-Key": randomUUID() } });

type Problem = components["schemas"]["Problem"];

function must<T>(what: string, answer: { data?: T; error?: Problem; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${what}: ${answer.response.status} ${answer.error?.type} ${answer.error?.detail}`);
  return answer.data;
}

const email = `ts-${run}@example.com`;
const entry = must("join", await api.POST("/api/v1/waitlist", { params: once(), body: { email, name: "Ann Example", emailVerified: true } }));
const status: components["schemas"]["EntryStatus"] = entry.status;
if (status !== "waiting" || entry.invitedAt !== null) throw new Error(`The entry is ${status}.`);
const again = await api.POST("/api/v1/waitlist", { body: { email, name: "Ann Example", source: null } });
if (again.response.status !== 200 || must("join again", again).id !== entry.id) throw new Error("Joining again made another entry.");

const preview = must("preview", await api.POST("/api/v1/cohorts", { body: { count: 500, dryRun: true } }));
if (!("skipped" in preview) || !preview.invited.some((p) => p.email === email)) throw new Error("The preview does not name them.");
const cohort = must("release", await api.POST("/api/v1/cohorts", { params: once(), body: { count: 500, note: "From a generated client" } }));
if (!("number" in cohort) || cohort.invited < 1) throw new Error("Nobody was invited.");

const people = must("find", await api.GET("/api/v1/people", { params: { query: { query: email, limit: 10 } } }));
const person = people.data[0];
if (person?.kind !== "entry" || person.status !== "invited" || people.nextCursor !== null) throw new Error("They were not found as invited.");
const held = must("export", await api.GET("/api/v1/people/{id}/export", { params: { path: { id: person.id } } }));
const code = held.codes.find((c) => c.kind === "waitlist")!.code;

const looked = must("look up", await api.GET("/api/v1/codes/{code}", { params: { path: { code } } }));
if (!looked.valid || looked.reason !== null || looked.usesLeft !== 1) throw new Error("The code is not good.");
const member = must("redeem", await api.POST("/api/v1/redemptions", { params: once(), body: { code, email, name: "Ann Example", emailVerified: true } }));
if (member.codes.length === 0 || !member.codes[0]!.link.includes(member.codes[0]!.code)) throw new Error("There are no codes for friends.");

const twice = await api.POST("/api/v1/redemptions", { body: { code, email: `other-${email}`, name: "Ben Example" } });
if (twice.error?.type !== "/problems/code-exhausted" || twice.error.status !== 410) throw new Error(`The second use: ${twice.response.status}`);
const wrong = await api.POST("/api/v1/waitlist", { body: { email: "no address", name: "Ann Example" } });
if (!wrong.error?.errors?.["email"]?.[0]) throw new Error("The problem names no field.");

const stats = must("stats", await api.GET("/api/v1/stats", { params: { query: { from: "2026-01-01", to: "2026-01-31" } } }));
const rollout = must("rollout", await api.GET("/api/v1/rollout"));
const leaders = must("leaderboard", await api.GET("/api/v1/leaderboard", { params: { query: { limit: 5 } } }));
console.log(JSON.stringify({ userId: member.userId, days: stats.byDay.length, state: rollout.state, leaders: leaders.length }));
