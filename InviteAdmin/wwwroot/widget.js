// <invite-waitlist>: a form that shows a person's place where they joined. No cookie, nothing stored, no other file.
// Its children, a plain form, stay when this does not run or may not ask. Styles are set by script, as strict policies allow.
(() => {
  const { src } = document.currentScript ?? document.querySelector("script[src$='/widget.js']");
  const base = new URL(".", src).href;
  const minute = 60e3;

  const css = ({ fill, onFill, hover } = { fill: "#1b5fae", onFill: "#fff", hover: "#154b8a" }) => `
    :host { display: block; max-width: 30rem; font: inherit; line-height: 1.5; text-align: start; }
    [hidden], :host([hidden]) { display: none; }
    :host([theme=dark]) { color-scheme: dark; }
    * { box-sizing: border-box; }
    .page, form { display: grid; gap: 1rem; }
    .field { display: grid; gap: .3rem; }
    h2, p, ul { margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.35em; line-height: 1.25; }
    label { font-weight: 600; }
    a { color: inherit; }
    :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
    h2:focus { outline: none; }
    input, button { font: inherit; min-height: 2.9em; padding: .5em .75em; border-radius: .5em; }
    input { width: 100%; min-width: 0; font-weight: 400; color: FieldText; background: Field; border: 1px solid GrayText; }
    input[aria-invalid] { border: 2px solid FieldText; }
    button { font-weight: 600; cursor: pointer; color: ${onFill}; background: ${fill}; border: 1px solid ${onFill}; }
    button:hover { background: ${hover}; }
    button.plain { justify-self: start; min-height: 0; padding: .25em 0; color: inherit; background: none; border: 0; text-decoration: underline; }
    .wrong { font-weight: 600; }
    .wrong::before { content: "\\26A0\\FE0E  "; }
    .small { font-size: .9em; }
    .rank { font-size: 3.5em; font-weight: 700; line-height: 1; font-variant-numeric: tabular-nums; }
    .rank::before { content: "#"; font-size: .5em; vertical-align: .5em; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; }
    .row input { flex: 1 1 11rem; width: auto; }
    ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; }
    li a { display: inline-block; padding: .25em 0; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }`;

  // Text is only ever set as text.
  const make = (tag, values, ...children) => {
    const element = Object.assign(document.createElement(tag), values);
    element.append(...children);
    return element;
  };

  class InviteWaitlist extends HTMLElement {
    async connectedCallback() {
      this.seen = () => document.hidden || this.soon(500);
      document.addEventListener("visibilitychange", this.seen);
      if (this.shadowRoot || this.asked) return this.soon(500);
      this.asked = true;
      this.wanted = this.closest("[lang]")?.lang.slice(0, 2) ?? "";
      try {
        const answer = await this.ask("look");
        if (!answer.ok) return;
        this.draw(await answer.json());
      } catch {
        // The plain form stays.
      }
    }

    disconnectedCallback() {
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", this.seen);
    }

    ask(call, fields) {
      const lang = this.wanted ? `?lang=${encodeURIComponent(this.wanted)}` : "";
      return fetch(`${base}widget/${call}${lang}`, { credentials: "omit", ...(fields && { method: "POST", body: new URLSearchParams(fields) }) });
    }

    draw(look) {
      this.words = look.words;
      this.look = look;
      const shadow = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css(look.colour ?? undefined));
      shadow.adoptedStyleSheets = [sheet];
      this.said = make("p", { className: "unseen", role: "status" });
      this.page = make("div", { className: "page", lang: look.lang, role: "group" });
      shadow.append(this.page, this.said);
      // What was typed before the script came is kept.
      const typed = (name) => this.querySelector(`[name=${name}]`)?.value ?? "";
      this.form(typed("name"), typed("email"));
    }

    put(heading, ...parts) {
      const focused = this.shadowRoot.activeElement;
      const title = make("h2", { textContent: heading, tabIndex: -1 });
      this.page.setAttribute("aria-label", heading);
      this.page.replaceChildren(title, ...parts.filter(Boolean));
      if (focused) title.focus();
    }

    form(name, email) {
      const { words } = this;
      const field = (id, label, values) => {
        const input = make("input", { id, name: id, required: true, ...values });
        input.setAttribute("aria-describedby", `${id}-wrong`);
        const wrong = make("span", { id: `${id}-wrong`, className: "wrong", hidden: true });
        return { input, wrong, row: make("div", { className: "field" }, make("label", { htmlFor: id, textContent: label }), input, wrong) };
      };
      const fields = {
        name: field("name", words.name, { value: name, maxLength: 200, autocomplete: "name" }),
        email: field("email", words.email, { value: email, type: "email", maxLength: 320, autocomplete: "email" }),
      };
      const failed = make("p", { className: "wrong", role: "alert", hidden: true });
      const button = make("button", { textContent: words.join });
      const form = make("form", {}, fields.name.row, fields.email.row, failed, button);
      form.onsubmit = async (event) => {
        event.preventDefault();
        if (this.busy) return;
        this.busy = true;
        button.textContent = words.sending;
        const problem = await this.join(fields.name.input.value, fields.email.input.value);
        this.busy = false;
        button.textContent = words.join;
        if (!problem) return;
        failed.textContent = problem.sentence ?? "";
        failed.hidden = !problem.sentence;
        for (const [id, { input, wrong }] of Object.entries(fields)) {
          const sentence = problem.errors?.[id]?.[0];
          wrong.textContent = sentence ?? "";
          wrong.hidden = !sentence;
          sentence ? input.setAttribute("aria-invalid", true) : input.removeAttribute("aria-invalid");
        }
        form.querySelector("[aria-invalid]")?.focus();
      };
      const { privacyUrl: href } = this.look;
      this.put(words.heading, make("p", { textContent: words.lead }), form, href && make("a", { className: "small", href, textContent: words.privacy }));
    }

    // What went wrong; nothing when it went well.
    async join(name, email) {
      const ref = this.getAttribute("referral") ?? new URLSearchParams(location.search).get("ref") ?? "";
      try {
        const answer = await this.ask("join", { name, email, ref, src: this.getAttribute("source") ?? "" });
        if (answer.status === 202) return this.sent((await answer.json()).watch);
        if (answer.status === 422) return await answer.json();
        return { sentence: answer.status === 429 ? this.words.tooMany : this.words.failed };
      } catch {
        return { sentence: this.words.failed };
      }
    }

    sent(token) {
      const { words } = this;
      const again = make("button", { className: "plain", textContent: words.again, onclick: () => { this.token = null; this.form("", ""); } });
      this.put(words.sent, make("p", { textContent: words.sentLead }), make("p", { className: "small", textContent: words.sentQuiet }), again);
      this.said.textContent = `${words.sent}. ${words.sentLead}`;
      Object.assign(this, { token, wait: 3e3, until: Date.now() + 20 * minute });
      this.soon(this.wait);
      this.dispatchEvent(new CustomEvent("waitlist-joined", { bubbles: true }));
    }

    // Asks less and less often, not while nobody looks, and after twenty minutes no more.
    soon(wait) {
      clearTimeout(this.timer);
      if (this.token && Date.now() < this.until) this.timer = setTimeout(() => document.hidden || this.watch(), wait);
    }

    async watch() {
      const { token } = this;
      let rest = 0;
      try {
        const answer = await this.ask("watch", { token });
        if (this.token !== token) return;
        if (answer.ok) {
          const { shown, place } = await answer.json();
          if (shown) return this.show(place);
        } else if (answer.status === 404) {
          return;
        }
        rest = 1e3 * (answer.headers.get("Retry-After") ?? 0);
      } catch {
        // Offline for a moment.
      }
      this.wait = Math.min(this.wait * 1.3, 30e3);
      this.soon(Math.max(this.wait, rest));
    }

    show({ heading, rank, of, lines, link, ways }) {
      const { words } = this;
      this.token = null;
      const input = make("input", { readOnly: true, value: link, ariaLabel: words.link });
      const copy = make("button", { textContent: words.copy });
      copy.onclick = async () => {
        input.select();
        try {
          await navigator.clipboard.writeText(link);
        } catch {
          document.execCommand("copy");
        }
        copy.textContent = this.said.textContent = words.copied;
        setTimeout(() => { copy.textContent = words.copy; }, 2e3);
      };
      const list = make("ul", { ariaLabel: words.share }, ...ways.map(({ name, href }) => make("li", {}, make("a", { href, target: "_blank", rel: "noopener noreferrer", textContent: name }))));
      this.put(
        heading,
        rank && make("p", {}, make("span", { className: "rank", textContent: rank }), ` ${of}`),
        ...lines.map((textContent) => make("p", { textContent })),
        make("div", { className: "row" }, input, copy),
        list,
      );
      this.said.textContent = [heading, rank && `${rank} ${of}`, ...lines].filter(Boolean).join(". ");
      this.dispatchEvent(new CustomEvent("waitlist-shown", { bubbles: true }));
    }
  }

  if (!customElements.get("invite-waitlist")) customElements.define("invite-waitlist", InviteWaitlist);
})();
