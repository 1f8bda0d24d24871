namespace InviteAdmin.Api;

/// <summary>One kind of problem the API answers with: its slug, HTTP status, title, and what the caller can do about it.</summary>
public sealed record ProblemType(string Slug, int Status, string Title, string WhatToDo)
{
    /// <summary>Every type there is, by status. The pages under /problems and the OpenAPI document are made of this list.</summary>
    public static readonly IReadOnlyList<ProblemType> All =
    [
        new("bad-request", 400, "The request cannot be understood", "Read the detail: it names the part of the request that is wrong, such as a parameter or a header."),
        new("malformed-json", 400, "The body is not JSON", "Send one JSON object in UTF-8, at most 64 levels deep, with every field named once."),
        new("unauthorized", 401, "The API key is missing or not known", "Send the header Authorization: Bearer with a key that has not been revoked. Keys are made on the Developers page or by the verb keys create."),
        new("not-allowed", 403, "The key does not carry the scope", "Use a key with the scope this call needs. The API reference names it for every call."),
        new("origin-refused", 403, "The page may not use the widget", "Put the origin of the page, such as https://www.example.com, into Widget:Origins."),
        new("not-found", 404, "There is no such thing", "Check the address and the id. Ids are case-sensitive."),
        new("token-unknown", 404, "The link's token is not known", "Check that the token is complete. If it is, let the person join again: they are mailed a new link."),
        new("code-unknown", 404, "The code is not known", "Ask the person to check its letters and digits. Case, spaces and dashes do not matter, and O and 0, I, L and 1 are taken for each other."),
        new("method-not-allowed", 405, "The method does not fit the address", "The header Allow names the methods this address takes."),
        new("already-registered", 409, "The person has signed up already", "Nothing was changed. A member cannot leave the waitlist any more."),
        new("email-registered", 409, "The email has an account already", "Nothing was changed and the code was not used. Ask the person to sign in."),
        new("cohort-exists", 409, "The cohort has been released already", "Nothing was sent twice. Read the list of cohorts before you release again."),
        new("undo-closed", 409, "The cohort can no longer be undone", "Its mail has begun to leave. Recall the cohort instead."),
        new("rollout-paused", 409, "The rollout is paused or was halted", "Resume the rollout, then release again."),
        new("no-capacity", 409, "All seats are taken", "Raise the capacity, or wait until open invitations lapse."),
        new("points-being-counted", 409, "Points are being counted again", "Nobody is invited by an order that is half counted. Try again in a minute: counting a million people takes about that long."),
        new("nobody-waiting", 409, "Nobody can be invited", "Nobody is waiting, or everybody who waits is held or excluded."),
        new("plan-refused", 409, "The plan does not stand where that is possible", "Read the detail, and the rollout's state, then decide again."),
        new("plan-changed", 409, "Somebody else changed the plan", "Read the plan again and make your change to what it is now."),
        new("word-taken", 409, "A code reads like this word already", "Choose another word. Words that differ only in O and 0, or I, L and 1, are the same code."),
        new("webhook-off", 409, "The webhook is off", "Nothing was sent. Switch the endpoint on first, on the Webhooks page."),
        new("too-many-webhooks", 409, "There are as many webhooks as there may be", "Remove one that is no longer used."),
        new("no-open-invitation", 409, "The person has no open invitation", "Invite them first."),
        new("idempotency-in-flight", 409, "The first request with this key is still running", "Wait a moment and send the same request again: it then gets the first one's answer."),
        new("code-revoked", 410, "The code was taken back", "It cannot be used any more. Ask for another code."),
        new("code-expired", 410, "The code has run out", "Ask for another code."),
        new("code-exhausted", 410, "The code has been used up", "Every use of it is spent. Ask for another code."),
        new("token-expired", 410, "The link has run out", "Let the person join again with the same email: they are mailed a new link and keep their place."),
        new("body-too-large", 413, "The body is too large", "Send at most 64 KB."),
        new("unsupported-media-type", 415, "The body is not sent as JSON", "Send the header Content-Type: application/json."),
        new("idempotency-mismatch", 422, "The key was used for another request", "Use a new Idempotency-Key for every request that is meant to do something new."),
        new("validation", 422, "A field is not right", "The member errors holds a sentence for each field."),
        new("rate-limited", 429, "Too many requests", "Wait as many seconds as the header Retry-After says. The headers RateLimit and RateLimit-Policy tell how many requests are left."),
        new("internal", 500, "Something went wrong on our side", "Nothing was changed. Try again; if it stays, tell us the requestId."),
        new("unavailable", 503, "The service cannot answer at this moment", "Try again after the seconds that Retry-After says, with the same Idempotency-Key: what was done already is then not done twice."),
    ];

    private static readonly Dictionary<string, ProblemType> BySlug = All.ToDictionary(t => t.Slug, StringComparer.Ordinal);

    public static ProblemType? Find(string slug) => BySlug.GetValueOrDefault(slug);

    public static ProblemType Of(string slug) => Find(slug) ?? throw new InvalidOperationException($"The problem type {slug} has no entry in {nameof(ProblemType)}.{nameof(All)}.");
}
